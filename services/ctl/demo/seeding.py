"""Seeding the local stack."""

from __future__ import annotations

from typing import Any

from services.ctl.client import open_api
from services.ctl.demo.marker import note
from services.ctl.demo.seed import Plan, seed
from services.ctl.local.keys import sign
from services.ctl.target import Local, addresses_of


async def is_empty(here: Local) -> bool:
    """Whether the first district has nobody yet."""
    async with open_api(addresses_of(here.stack)) as api:
        token = here.partner_token("roster.read")
        answer = await api.send(token, "GET", "roster", "/people", params={"page_size": 1})
    return not answer.body["people"]


async def seed_local(here: Local, plan: Plan) -> dict[str, Any]:
    """What was done, with how many requests and in how many seconds."""
    note(here.folder, plan, finished=False)
    async with open_api(addresses_of(here.stack)) as api:
        report = await seed(
            api,
            plan,
            lambda district, person: sign(here.keys, district, person),
            lambda district: here.partner_token("roster.write", district=district),
        )
    note(here.folder, plan, finished=True)
    return report
