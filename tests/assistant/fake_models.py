"""Stand-ins for trained models, for tests of what is around them: red photographs are bronze, others clay."""

import numpy as np

from eufcc_lib.assistant.predictor import Answer
from eufcc_lib.assistant.promised import Promises
from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.images.decoding import decode_image
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.results.promises import Promise

MATERIALS = arrange_tree("materials", {"metal": {TOP: 1}, "bronze": {"metal": 1}, "iron": {"metal": 1}, "clay": {TOP: 1}})


class FakeModels:
    """The predictor's face; of materials 95 % are promised from 0.9 on, of nothing else anything."""

    data, side = "fake", 32
    vocabulary = Vocabulary({facet: MATERIALS if facet == "materials" else arrange_tree(facet, {"figure": {TOP: 1}})
                             for facet in FACET_NAMES})
    promises = Promises("c0ffee", {0.95: {"materials": Promise("materials", 0.95, 0.9, 0.9, "", {}),
                                          "subjects": Promise("subjects", 0.95, 0.9, None, "", {})}})
    promised = promises.at(0.95)

    def __init__(self):
        self.members = {"multi_label": None}
        self.identity = {"name": "fake: multi_label", "hash": "0123456789abcdef", "commit": "c0ffee",
                         "vocabulary": self.vocabulary.hash, "promised": {"materials": {"threshold": 0.9, "precision": 0.95}}}

    def read(self, image):
        return decode_image(image).float().mean(dim=(1, 2)).tolist()

    def answers(self, images):
        return [self._answer(red > blue) for red, _, blue in images]

    def _answer(self, red: bool) -> Answer:
        likely = {"metal": 0.95, "bronze": 0.92, "iron": 0.2, "clay": 0.1} if red else {"clay": 0.7}
        sure = {facet: np.full(len(tree), 0.3, np.float32) for facet, tree in self.vocabulary.taxonomies.items()}
        sure["materials"] = np.array([likely.get(name, 0.05) for name in MATERIALS.names], np.float32)
        return Answer(sure, sure, 1.5 if red else 0.5)
