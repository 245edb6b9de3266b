"""The models' suggestions for other programs, by HTTP: one image or several in, rows out.

The description of it all is at `/openapi.json`. Whatever is wrong with a request is said in one sentence, as `error`.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, File, HTTPException, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as AnyHTTPException

from ..core.errors import UserError
from ..core.facets import LANGUAGES
from ..core.hardware import usable_cores
from .items import Item
from .predictor import Predictor
from .rows import Suggester, Suggestion
from .suggest import suggest_chunk

Message = MutableMapping[str, Any]


@dataclass(frozen=True)
class Limits:
    """What a request may ask for.

    Attributes:
        megabytes: of a request.
        images: of a batch.
        seconds: from the first byte of the request to the answer.
    """

    megabytes: int = 100
    images: int = 32
    seconds: float = 60.0


@dataclass(frozen=True)
class Problem:
    """What is wrong with a request, in one sentence."""

    error: str


@dataclass(frozen=True)
class ImageSuggestions:
    """What is suggested for one image.

    `unlike` is above 1 where the image is farther from the training photographs than 95 % of the validation photographs,
    and null where that is not known; in a batch, `error` says why an image could not be read.
    """

    image: str
    model: str
    unlike: float | None
    suggestions: list[Suggestion]
    error: str | None


@dataclass(frozen=True)
class BatchSuggestions:
    """What is suggested for each image, in the order of the request."""

    images: list[ImageSuggestions]


@dataclass(frozen=True)
class Promise:
    """From which probability on which share of a facet's suggestions is promised to be right."""

    threshold: float
    precision: float


@dataclass(frozen=True)
class ModelCard:
    """Which models suggest, trained by which commit of the code, with which vocabulary; tags by facet, and what is promised."""

    name: str
    hash: str
    commit: str
    vocabulary: str
    tags: Mapping[str, int]
    promised: Mapping[str, Promise]
    languages: list[str]


@dataclass(frozen=True)
class Health:
    """`ok` while requests are answered."""

    status: str


_PROBLEMS = {400: {"model": Problem, "description": "The request is wrong; one sentence says how."},
             413: {"model": Problem, "description": "The request is too large."},
             503: {"model": Problem, "description": "The answer took too long."}}

_Threshold = Annotated[float | None, Query(description="Suggest tags from this probability on; instead of a promise.")]
_Share = Annotated[float | None, Query(description="Suggest tags of which this share is promised to be right; 0.95 by default.")]
_Language = Annotated[str, Query(description=f"Of the labels: {' or '.join(LANGUAGES)}.")]


def make_api(predictor: Predictor, limits: Limits | None = None) -> FastAPI:
    """The application, for any ASGI server."""
    limits = limits or Limits()
    api = FastAPI(title="EUFCC-340K suggestions", version="1", docs_url=None, redoc_url=None,  # their pages come from elsewhere
                  description="Tags of the Art & Architecture Thesaurus for photographs of museum objects.")
    api.add_middleware(Bounds, limits=limits)
    pool = ThreadPoolExecutor(usable_cores())
    suggester = lru_cache(64)(lambda *choice: Suggester(predictor, *choice))

    async def ask(uploads: list[UploadFile], *choice) -> list[dict]:
        files = [(upload.filename or "image", await upload.read()) for upload in uploads]

        def work() -> list[dict]:
            with tempfile.TemporaryDirectory() as folder:
                items = [Item(name, Path(folder, str(place))) for place, (name, _) in enumerate(files)]
                for item, (_, data) in zip(items, files, strict=True):
                    item.path.write_bytes(data)
                return suggest_chunk(suggester(*choice), predictor, items)
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    @api.post("/suggest", response_model=ImageSuggestions, responses=_PROBLEMS)
    async def suggest(image: Annotated[UploadFile, File()], threshold: _Threshold = None, promise: _Share = None,
                      language: _Language = LANGUAGES[0]) -> dict:
        """Tags for one image, uploaded as the form's field `image`."""
        (row,) = await ask([image], threshold, promise, language)
        if row["error"]:
            raise UserError(f"{row['image']}: {row['error']}")
        return row

    @api.post("/suggest-batch", response_model=BatchSuggestions, responses=_PROBLEMS)
    async def suggest_batch(images: Annotated[list[UploadFile], File()], threshold: _Threshold = None, promise: _Share = None,
                            language: _Language = LANGUAGES[0]) -> dict:
        """Tags for several images, uploaded as the form's fields `images`."""
        if len(images) > limits.images:
            raise UserError(f"Found {len(images):,} images; expected at most {limits.images:,} in a request.")
        return {"images": await ask(images, threshold, promise, language)}

    @api.get("/models", response_model=list[ModelCard])
    async def models() -> list[dict]:
        """The models that suggest."""
        tags = {facet: len(taxonomy) for facet, taxonomy in predictor.vocabulary.taxonomies.items()}
        return [predictor.identity | {"tags": tags, "languages": LANGUAGES}]

    @api.get("/healthz")
    async def healthz() -> Health:
        """Whether requests are answered."""
        return Health(status="ok")

    @api.exception_handler(UserError)
    async def tell_mistake(_: Request, error: UserError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 400)

    @api.exception_handler(RequestValidationError)
    async def tell_wrong_field(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "the request"
        return JSONResponse({"error": f"{field}: {first['msg'][:1].lower()}{first['msg'][1:]}."}, 400)

    @api.exception_handler(AnyHTTPException)
    async def tell_status(_: Request, error: AnyHTTPException) -> JSONResponse:
        return JSONResponse({"error": str(error.detail)}, error.status_code)

    def describe() -> dict:
        if not api.openapi_schema:
            api.openapi_schema = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
            for methods in api.openapi_schema["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)  # 400 is said instead
        return api.openapi_schema
    api.openapi = describe
    return api


class Bounds:
    """Ends requests that are too large or take too long."""

    def __init__(self, app: Callable, limits: Limits):
        self.app, self.most, self.limits = app, limits.megabytes * 1_000_000, limits

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]],
                       send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        read, started = 0, False
        too_large = f"The request has more than {self.limits.megabytes:,} MB; expected a smaller one."

        async def count() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.most:
                raise HTTPException(413, too_large)
            return message

        async def note(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > self.most:
            return await JSONResponse({"error": too_large}, 413)(scope, receive, send)
        try:
            async with asyncio.timeout(self.limits.seconds):
                await self.app(scope, count, note)
        except TimeoutError:
            if not started:
                said = f"There was no answer in {self.limits.seconds:g} seconds; try again with fewer images."
                await JSONResponse({"error": said}, 503)(scope, receive, send)
