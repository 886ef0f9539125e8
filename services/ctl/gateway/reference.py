"""What those read who build on Tandem: the APIs on one page, the codes of problems, the events."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import httpx2
import orjson
from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.assembly.registry import SERVICES
from services.chassis.edge.answer import digest_of
from services.chassis.edge.http_compact import Compact
from services.chassis.edge.http_conditional import unless_seen
from services.chassis.edge.http_problem import problem
from services.ctl.gateway.joined import joined
from services.ctl.local.stack import Stack

PAGES = Path(__file__).parent / "pages"
DOCS = Path(__file__).parents[3] / "docs"
SECONDS = 10.0
# Swagger UI, which has its icons within its style sheet.
RENDERER = Path(str(resources.files("fastapi_offline"))) / "static"
_WITH_ICONS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
}
_TAGS = re.compile(r"[^\w\- ]")


def reference(stack: Stack, client: httpx2.AsyncClient) -> Sequence[BaseRoute]:
    """`/docs`, `/openapi.json`, `/asyncapi.json`, and pages of the folder docs/: `/errors`,
    `/events` and the others by their names."""

    async def document(service: str) -> bytes:
        answer = await client.get(f"{stack.rest(service)}/{service}/openapi.json", timeout=SECONDS)
        return answer.raise_for_status().content

    async def openapi(request: Request) -> Response:
        try:
            found = await asyncio.gather(*map(document, SERVICES))
        except httpx2.HTTPError as error:
            detail = f"{error.request.url} does not answer."
            return problem(request, 502, "service_down", "A service is down", detail)
        raw, digest = await asyncio.to_thread(_joined, *found)
        response = Response(raw, media_type="application/json")
        return unless_seen(request.scope, response, None, digest)

    async def docs(request: Request) -> Response:
        return FileResponse(PAGES / "docs.html", headers=_WITH_ICONS)

    async def asyncapi(request: Request) -> Response:
        document = DOCS / "asyncapi.json"
        if not document.exists():  # where Tandem was installed without its docs
            raise HTTPException(404)
        return FileResponse(document)

    async def text(request: Request) -> Response:
        name = request.path_params.get("name") or request.url.path.strip("/")
        for each in DOCS.glob("*.md"):  # there may be none, too
            if each.stem == name:
                shown = await asyncio.to_thread(_shown, each, each.stat().st_mtime_ns)
                return HTMLResponse(shown)
        raise HTTPException(404)

    return [
        Route("/openapi.json", openapi, middleware=[Middleware(Compact)]),
        Route("/asyncapi.json", asyncapi),
        Route("/docs", docs),
        Mount("/renderer", StaticFiles(directory=RENDERER)),
        Route("/errors", text),
        Route("/events", text),
        Route("/{name}.md", text),
    ]


@lru_cache(1)
def _joined(*documents: bytes) -> tuple[bytes, str]:
    """Once, of the same documents; those of `SERVICES`. With a digest of it."""
    whole = joined(dict(zip(SERVICES, map(orjson.loads, documents), strict=True)))
    return (raw := orjson.dumps(whole)), digest_of(raw)


@lru_cache(32)
def _shown(file: Path, changed: int) -> str:
    """Once, until the file is `changed`."""
    return page(file.read_text())


def page(markdown: str) -> str:
    """A page of docs/ in HTML, with the anchors that links to it name."""
    tokens = (made := MarkdownIt("commonmark", {"html": False}).enable("table")).parse(markdown)
    known = Counter[str]()
    for heading, inside in _headings(tokens):
        name = _TAGS.sub("", inside.content.lower()).replace(" ", "-")
        heading.attrSet("id", f"{name}-{known[name]}" if name in known else name)
        known[name] += 1
    for token in tokens:
        if token.type == "table_open":  # a wide one is scrolled, also with the keyboard
            token.attrSet("tabindex", "0")
    title = next(inside.content for _, inside in _headings(tokens))
    frame = (PAGES / "text.html").read_text()
    body = made.renderer.render(tokens, made.options, {})
    return frame.replace("{title}", made.render(title)[3:-5]).replace("{body}", body)


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            yield token, inside
