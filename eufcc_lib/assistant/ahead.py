"""Images looked at before they are asked for: their picture and what the models say, made in threads of their own."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from .predictor import Answer
from .uploads import view_image

KEPT = 24
"""Images whose picture is kept at hand."""

NEXT = 3
"""Images that are looked at ahead."""


@dataclass(frozen=True, eq=False)
class Look:
    """The picture for the page, a JPEG, and the models' answer."""

    picture: bytes
    answer: Answer


class Ahead:
    """Looks at images with a predictor; what is asked for again is at hand."""

    def __init__(self, predictor: Callable[[Path], Answer]):
        self._predictor = predictor
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="look")
        self._looks: OrderedDict[Path, Future[Look]] = OrderedDict()
        self._turn, self._asking = threading.Lock(), threading.Lock()

    def look(self, file: Path) -> Future[Look]:
        """The look at an image file, begun if it was not; a file that cannot be read is tried again each time."""
        with self._turn:
            look = self._looks.get(file)
            if look is None or (look.done() and look.exception()):
                look = self._looks[file] = self._pool.submit(self._make, file)
            self._looks.move_to_end(file)
            while len(self._looks) > KEPT:
                self._looks.popitem(last=False)
            return look

    def answer(self, file: Path) -> Answer:
        """What the models say about an image file, asked one at a time."""
        with self._asking:
            return self._predictor(file)

    def answers(self, files: list[Path]) -> list[Answer]:
        """The answers for some files, together where the predictor can."""
        if not hasattr(self._predictor, "batch"):
            return [self.answer(file) for file in files]
        with self._asking:
            return self._predictor.batch(files)

    def _make(self, file: Path) -> Look:
        return Look(view_image(file), self.answer(file))


_ALL: WeakKeyDictionary[Callable, Ahead] = WeakKeyDictionary()
_FINDING = threading.Lock()


def ahead_of(predictor: Callable[[Path], Answer]) -> Ahead:
    """The one `Ahead` of a predictor, which all tabs share."""
    with _FINDING:
        if predictor not in _ALL:
            _ALL[predictor] = Ahead(predictor)
        return _ALL[predictor]
