"""Seeding the local stack."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from services.ctl.client import open_api
from services.ctl.demo.marker import note
from services.ctl.demo.seed import Seeding, seed
from services.ctl.local.districts import days_of
from services.ctl.local.keys import sign
from services.ctl.local.stack import DISTRICT
from services.ctl.target import Local, addresses_of


async def is_empty(here: Local) -> bool:
    """Whether the first district has nobody yet."""
    async with open_api(addresses_of(here.stack)) as api:
        token = here.partner_token("roster.read")
        answer = await api.send(token, "GET", "roster", "/people", params={"page_size": 1})
    return not answer.body["people"]


def today(here: Local) -> date:
    """The day that it is in the first district."""
    return days_of(here.folder).day_of(DISTRICT, datetime.now(UTC))


async def seed_local(here: Local, plan: Seeding) -> dict[str, Any]:
    """What was done, with how many requests and in how many seconds."""
    note(here.folder, plan, finished=False)
    async with open_api(addresses_of(here.stack)) as api:
        report = await seed(
            api,
            plan,
            days_of(here.folder),
            lambda district, person: sign(here.keys, district, person),
            lambda district: here.partner_token("roster.write", district=district),
        )
    note(here.folder, plan, finished=True)
    return report
