"""A roster's file, from its sending to the end of its import."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from services.ctl.client import ApiClient
from services.ctl.client_tokens import Tokens
from services.ctl.exits import Exit, Refused, Stop

SEND_SECONDS = 600.0
POLL_SECONDS = 0.5
CONFLICT = 409
BUSY = 429
MOST_LOST = 120  # answers in a row: a service may be away for a while

Watch = Callable[[Mapping[str, Any]], None]


async def import_file(
    api: ApiClient,
    tokens: Tokens,
    district: str,
    content: bytes,
    params: Mapping[str, bool | str],
    watch: Watch = lambda job: None,
) -> dict[str, Any]:
    """Send a file and wait for its import, which is answered once it is done. `watch` is told how
    far it is. Raises Refused for a file that cannot be used, and Stop."""
    asked = {
        name: wanted if isinstance(wanted, str) else "true"
        for name, wanted in params.items()
        if wanted
    }
    sent = await api.send(
        await tokens(),
        "POST",
        "roster",
        "/imports",
        content=content,
        media_type="application/zip",
        params=asked,
        timeout=SEND_SECONDS,
        district=district,
    )
    return await waited_for(api, tokens, district, sent.body, watch)


async def waited_for(
    api: ApiClient,
    tokens: Tokens,
    district: str,
    job: Mapping[str, Any],
    watch: Watch = lambda job: None,
) -> dict[str, Any]:
    """An import at its end, whoever sent its file, as `import_file`."""
    while job["state"] in ("waiting", "running"):
        watch(job)
        await asyncio.sleep(POLL_SECONDS)
        job = await one_import(api, tokens, district, job["import_id"])
    watch(job)
    if job["state"] == "failed":
        raise Refused(CONFLICT, job["code"], job["detail"])
    return dict(job)


async def one_import(
    api: ApiClient, tokens: Tokens, district: str, import_id: str
) -> Mapping[str, Any]:
    """As it is now."""
    found: Mapping[str, Any] = await _read(api, tokens, district, _path(import_id))
    return found


async def report_table(api: ApiClient, tokens: Tokens, district: str, import_id: str) -> str:
    """The report of an import as CSV."""
    return str(await _read(api, tokens, district, f"{_path(import_id)}/report"))


def _path(import_id: str) -> str:
    return f"/imports/{quote(import_id, safe='')}"


async def _read(api: ApiClient, tokens: Tokens, district: str, path: str) -> Any:
    """The import goes on whether or not the service answers just now."""
    lost = 0
    while True:
        try:
            token = await tokens()
            return (await api.send(token, "GET", "roster", path, district=district)).body
        except Stop as stop:
            lost += 1
            if not _passes(stop) or lost == MOST_LOST:
                raise
        await asyncio.sleep(POLL_SECONDS)


def _passes(stop: Stop) -> bool:
    """Whether it is of the service just now, and says nothing of the import."""
    if isinstance(stop, Refused):
        return stop.status >= 500 or stop.status == BUSY
    return stop.code == Exit.UNREACHABLE
