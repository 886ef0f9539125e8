"""Since when a roster is to be pulled: the service knows what was pulled before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.ctl.commands.roster_sending import Sending
from services.ctl.target import addresses

if TYPE_CHECKING:
    from services.ctl.client import ApiClient

LAST = "last"
WHOLE_AFTER = timedelta(days=6, hours=12)  # so that every seventh night all is pulled
OVERLAP = timedelta(minutes=15)  # clocks differ, and what a server is told is seen a little later
PAGE = 200


def written(at: datetime) -> str:
    """In UTC, as RFC 3339."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def since_last(sending: Sending, now: datetime) -> str:
    """When the server was asked last for what has been imported, a little before; empty where all
    is to be pulled: nothing was, or no whole roster for a week. An import that only checked, was
    stopped or has failed does not count, nor one that is under way. Raises Stop."""
    from services.ctl.client import open_api

    async with open_api(addresses(sending.url)) as api:
        last = ""
        async for job in _imported(api, sending, now - WHOLE_AFTER):
            last = last or job["asked_at"]
            if not job["changes"]:
                return written(datetime.fromisoformat(last) - OVERLAP)
    return ""


async def _imported(
    api: ApiClient, sending: Sending, since: datetime
) -> AsyncIterator[Mapping[str, Any]]:
    """What was pulled since then and taken, the newest first."""
    tokens, page = sending.tokens(), ""
    while True:
        # A day more: days are the district's.
        asked = {"from_date": str((since - timedelta(days=1)).date()), "page_size": PAGE}
        asked |= {"page_token": page} if page else {}
        answer = await _get(api, await tokens(), sending.district, "/imports", asked)
        for job in answer["imports"]:
            pulled = job["asked_at"] and datetime.fromisoformat(job["asked_at"]) >= since
            if not pulled or job["state"] != "done" or job["validate_only"]:
                continue
            whole = await _get(
                api, await tokens(), sending.district, f"/imports/{job['import_id']}"
            )
            if not whole["report"]["stopped"]:
                yield job
        page = answer["next_page_token"]
        if not page:
            return


async def _get(
    api: ApiClient, token: str, district: str, path: str, params: Mapping[str, Any] | None = None
) -> Any:
    answer = await api.send(token, "GET", "roster", path, params=params, district=district)
    return answer.body
