"""IIIF in: the canvases of a presentation manifest (versions 2 and 3, or a collection of them), and an image of each.

Images come through the image service at the size needed, the thumbnail where that fails. Servers are asked for one file at
a time. What came is kept in a folder, so that a run that was interrupted asks for nothing twice.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import UserError
from ..core.paths import atomic, resolve
from .http import GIVE_UP, MOST_BYTES, Pace, Session, TooLarge, Transient, check_status, open_url, read_pieces, retry
from .thumbnails.download import USUAL, Limits, download

RATE = 5.0
"""Requests per second at most."""

_HEADERS = {"User-Agent": "eufcc_lib", "Accept": "application/ld+json, application/json"}


@dataclass(frozen=True)
class Canvas:
    """One view of an object.

    Attributes:
        id: its address in the manifest, or that of a manifest that could not be read.
        label: its title, in English where there are several languages.
        urls: where an image of it is, to be tried in this order.
        reason: why there is none, "" where there may be one.
        manifest: the address of the manifest that shows it, "" where that does not say it.
        title: that of the manifest, in English where there are several languages.
    """

    id: str
    label: str
    urls: tuple[str, ...]
    reason: str = ""
    manifest: str = ""
    title: str = ""


class NoImage(UserError):
    """A canvas of which no image can be had."""


class IIIFReader:
    """Reads manifests and fetches images.

    Args:
        cache: the folder that keeps them; None of its files is asked for again.
        side: pixels that the shorter side of an image should have.
        rate: requests per second; None for no limit.
        limits: tries, pauses and sizes.
    """

    def __init__(self, cache: Path, side: int, rate: float | None = RATE, limits: Limits = USUAL):
        self.cache, self.side, self.limits = cache, side, limits
        self._session, self._pace = Session(), Pace(rate)

    def canvases(self, source: str) -> Iterator[Canvas]:
        """The canvases of a manifest or a collection, a file or an address.

        Raises:
            UserError: it cannot be read. A manifest of a collection that cannot be is passed on as a canvas with a reason.
        """
        document = self._fetch(source) if is_url(source) else _parse(_read_file(source), source)
        yield from self._walk(document, source, {source})

    def fetch(self, canvas: Canvas) -> Path:
        """An image file of a canvas.

        Raises:
            NoImage: there is none, with the reason.
            UserError: the server asks for a pause of over an hour, or 100 requests in a row failed.
        """
        reason = canvas.reason
        for url in canvas.urls:
            path = self._place(url, ".jpg")
            if path.is_file():
                return path
            outcome, data = download(self._session, url, self.limits, self._pace)
            if self._pace.give_up(outcome.status == "failed"):
                raise UserError(f"{GIVE_UP} requests in a row failed, the last with: {outcome.reason}; run the same command "
                                "again to resume when the server answers again.")
            if outcome.status == "had":
                _keep(path, data)
                return path
            reason = reason or f"{outcome.reason} from {url}"  # what went wrong with the best of them
        raise NoImage(f"{canvas.id}: no image could be fetched ({reason}).")

    def had(self, canvas: Canvas) -> str:
        """The address that the image of a canvas came from; "" before `fetch` had it."""
        return next((url for url in canvas.urls if self._place(url, ".jpg").is_file()), "")

    def _walk(self, document: dict, address: str, seen: set[str]) -> Iterator[Canvas]:
        yield from find_canvases(document, self.side)
        for child in find_children(document):
            link = _id(child)
            if link in seen:
                continue
            seen.add(link)
            try:
                inside = child if isinstance(child, dict) and _has_content(child) else self._fetch(link)
            except UserError as error:
                yield Canvas(link, _label(child), (), str(error))
                continue
            yield from self._walk(inside, link, seen)

    def _fetch(self, url: str) -> dict:
        path = self._place(url, ".json")
        if path.is_file():
            return _parse(path.read_bytes(), url)

        def ask() -> bytes:
            with open_url(self._session, url, timeout=self.limits.timeout, wait=self._pace.wait, headers=_HEADERS) as answer:
                self._pace.heed(answer.status_code, answer.headers, url)
                check_status(answer)
                if answer.status_code != 200:
                    raise UserError(f"{url}: found HTTP status {answer.status_code}; expected a IIIF manifest.")
                return b"".join(read_pieces(answer, MOST_BYTES))
        try:
            data = retry(ask, self.limits.tries, self.limits.pause)
        except Transient as error:
            raise UserError(f"{url}: no manifest came ({error}); run the same command again to resume.") from None
        except TooLarge as error:
            raise UserError(str(error)) from None
        document = _parse(data, url)
        _keep(path, data)
        return document

    def _place(self, url: str, suffix: str) -> Path:
        return self.cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}{suffix}"


def is_url(source: str) -> bool:
    """Whether a source is an address of the web, and not a file."""
    return source.lower().startswith(("http://", "https://"))


def find_canvases(manifest: dict, side: int) -> list[Canvas]:
    """The canvases of a manifest, none of a collection; of each the first image, its shorter side of so many pixels."""
    canvases = [canvas for sequence in _nodes(manifest.get("sequences"))[:1] for canvas in _nodes(sequence.get("canvases"))]
    canvases += [item for item in _nodes(manifest.get("items")) if _kind(item) == "Canvas"]
    return [Canvas(_id(canvas), _label(canvas), urls, "" if urls else "it has no image", _id(manifest), _label(manifest))
            for canvas in canvases for urls in [_image_urls(canvas, side)]]


def find_children(collection: dict) -> list:
    """The manifests and collections of a collection, each a node or an address; further pages of it too."""
    found = [node for name in ("collections", "manifests", "members") for node in _list(collection.get(name))]
    found += [item for item in _nodes(collection.get("items")) if _kind(item) in ("Manifest", "Collection")]
    pages = [collection.get("next"), None if found else collection.get("first")]
    return [node for node in [*found, *pages] if _id(node)]


def _image_urls(canvas: dict, side: int) -> tuple[str, ...]:
    bodies = [annotation.get("resource") for annotation in _nodes(canvas.get("images"))]
    bodies += [body for page in _nodes(canvas.get("items")) for annotation in _nodes(page.get("items"))
               for body in _list(annotation.get("body"))]
    image = next(filter(_is_image, map(_chosen, bodies)), None)
    thumbnails = _list(canvas.get("thumbnail"))
    if image is None and not thumbnails:
        return ()
    sized, whole = _sized(image, side), _id(image)
    small = [url for thumbnail in thumbnails for url in (_sized(thumbnail, side), _id(thumbnail))]
    return tuple(dict.fromkeys(url for url in [sized or whole, *small, whole] if is_url(url)))


def _chosen(body) -> dict:
    """The image itself, of several the first, of a part the whole."""
    if not isinstance(body, dict):
        return {"id": body, "type": "Image"} if isinstance(body, str) else {}
    for name in ("default", "source", "items", "item", "full"):
        inside = _list(body.get(name))
        if inside and _kind(body) in ("Choice", "oa:Choice", "SpecificResource", "oa:SpecificResource"):
            return _chosen(inside[0])
    return body


def _is_image(body: dict) -> bool:
    return _kind(body) in ("Image", "dctypes:Image") or (not _kind(body) and bool(_services(body)))


def _sized(image, side: int) -> str:
    """The address of an image at the size needed, from its service; "" where it has none that can."""
    for service in _services(image):
        words, base = _words(service), _id(service).rstrip("/")
        first = "image-api/1" in words or "image/1/" in words or "ImageService1" in words or _id(image).endswith("/native.jpg")
        third = "image/3/" in words or "ImageService3" in words
        width, height = (_number(service.get(name)) or _number(image.get(name)) for name in ("width", "height"))
        if "level0" in words or "level-0" in words:  # only what it lists
            sizes = sorted((_number(size.get("width")), _number(size.get("height"))) for size in _nodes(service.get("sizes")))
            fitting = [size for size in sizes if min(size) >= side] or sizes[-1:]
            if not fitting:
                continue
            size = f"{fitting[0][0]},{fitting[0][1] if third else ''}"
        elif not (width and height):
            size = f"{2 * side},"
        else:
            wanted = math.ceil(side * width / min(width, height))
            size = f"{wanted}," if wanted < width else "max" if third else "full"
        return f"{base}/full/{size}/0/{'native' if first else 'default'}.jpg"
    return ""


def _services(image) -> list[dict]:
    """The image services among the services of a resource: others tell who may see it."""
    return [service for service in _nodes(image.get("service")) if _id(service) and "image" in _words(service).lower()
            ] if isinstance(image, dict) else []


def _words(service: dict) -> str:
    """All that a service says of its kind."""
    return json.dumps([service.get(name) for name in ("@context", "type", "@type", "profile", "protocol")])


def _has_content(node: dict) -> bool:
    return any(node.get(name) for name in ("items", "sequences", "manifests", "collections", "members"))


def _label(node) -> str:
    """The title of a node as one text."""
    value = node.get("label") if isinstance(node, dict) else None
    if isinstance(value, dict) and "@value" not in value:  # by language
        value = value.get("en") or value.get("none") or next(iter(value.values()), None)
    for one in _list(value):
        text = one.get("@value") if isinstance(one, dict) else one
        if text:
            return " ".join(str(text).split())
    return ""


def _id(node) -> str:
    found = node if isinstance(node, str) else (node.get("id") or node.get("@id")) if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""


def _kind(node: dict) -> str:
    return str(node.get("type") or node.get("@type") or "").removeprefix("sc:")


def _list(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def _nodes(value) -> list[dict]:
    return [node for node in _list(value) if isinstance(node, dict)]


def _number(value) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else 0


def _read_file(source: str) -> bytes:
    try:
        return resolve(source).read_bytes()
    except OSError as error:
        raise UserError(f"{source} cannot be read ({error.strerror or error}); expected a IIIF manifest.") from None


def _parse(data: bytes, source: str) -> dict:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise UserError(f"{source} is not JSON; expected a IIIF manifest.") from None
    if not isinstance(document, dict) or not (_has_content(document) or document.get("first")):
        raise UserError(f"{source} has no canvases and no manifests; expected a IIIF manifest of version 2 or 3, or a "
                        "collection.")
    return document


def _keep(path: Path, data: bytes) -> None:
    with atomic(path) as temporary:
        temporary.write_bytes(data)
