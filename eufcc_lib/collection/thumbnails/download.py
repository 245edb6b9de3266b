"""One thumbnail from a server: the picture to keep, or the reason why there is none."""

import hashlib
from dataclasses import dataclass

from ...data.images.decoding import MAX_PIXELS
from ..http import PIECE, BadUrl, Pace, Session, TooLarge, Transient, check_status, open_url, read_pieces, retry
from .checks import Unkept, check_image
from .manifest import Outcome

_HEADERS = {"User-Agent": "eufcc_lib", "Accept": "image/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Limits:
    """How often to try, and what is too large to be a thumbnail.

    Attributes:
        tries: requests for one thumbnail in one run.
        pause: seconds before the second try, see `http.retry`.
        timeout: seconds of silence that count as no answer; a whole answer, headers included, may take four times as long.
        max_bytes: a longer file is not read to its end.
        max_pixels: a larger picture is refused by its header, before it is decoded.
    """

    tries: int = 5
    pause: float = 1.0
    timeout: float = 30.0
    max_bytes: int = 20_000_000
    max_pixels: int = MAX_PIXELS


USUAL = Limits()


def download(session: Session, url: str, limits: Limits, pace: Pace) -> tuple[Outcome, bytes]:
    """What became of the thumbnail at `url`, and the JPEG file to keep of it.

    Raises:
        Stopped: the pace let no request be sent any more.
        UserError: the server asks for a pause of over an hour.
    """
    tries = 0

    def ask() -> tuple[bytes, int, int]:
        nonlocal tries
        tries += 1
        return check_image(_receive(session, url, limits, pace), limits.max_pixels)

    try:
        data, width, height = retry(ask, limits.tries, limits.pause, lambda seconds, _: pace.stop.wait(seconds))
    except BadUrl:
        return Outcome("refused", "not a URL"), b""
    except TooLarge:
        return Outcome("refused", f"more than {limits.max_bytes} bytes", 200, tries=tries), b""
    except (Unkept, Transient) as error:
        return Outcome(getattr(error, "status", "failed"), str(error), error.code, tries=tries), b""
    return Outcome("had", "", 200, len(data), hashlib.sha256(data).hexdigest(), width, height, tries), data


def _receive(session: Session, url: str, limits: Limits, pace: Pace) -> bytes:
    with open_url(session, url, timeout=limits.timeout, most=limits.max_bytes, wait=pace.wait, headers=_HEADERS) as answer:
        status = answer.status_code
        pace.heed(status, answer.headers, url)
        if status != 200:
            answer.raw.read(PIECE)  # read to its end, an answer leaves the connection open for the next
            check_status(answer)
            reason = "too many redirects" if answer.is_redirect else f"HTTP status {status}"
            # 401 and 403 are not retried now, but need not be for ever.
            raise Unkept(reason, {404: "missing", 410: "missing", 401: "failed", 403: "failed"}.get(status, "refused"), status)
        return b"".join(read_pieces(answer, limits.max_bytes))
