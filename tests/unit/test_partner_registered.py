"""How a partner's token is held to its registration: what is read for it, and what when it cannot
be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from coaching.privacy.v1 import partner_events_pb2 as published
from services.access.directory import CachedDirectory
from services.access.districts import District, Districts, PartnersLetIn
from services.access.partners import RegisteredPartners
from services.access.projection import COLLECTION, FOLDS, row_of_parked
from services.access.registered import registration_id
from services.chassis.call import Principal
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event
from tests.support.clocks import START, FakeClock

WAREHOUSE = registration_id("north", "warehouse")
ROW = f"north:{WAREHOUSE}"
SCOPES = frozenset({"goals.read", "orgs.read", "receipts.read"})
TOKEN = Principal("north", partner="warehouse", scopes=SCOPES)


class Issued:
    """A verifier that knows one token."""

    def seen(self, token: str) -> Principal | None:
        return TOKEN

    def recalls(self, token: str) -> bool:
        return True

    async def verify(self, token: str) -> Principal:
        return TOKEN


class Rows:
    def __init__(self, **fact: Any) -> None:
        self.reads = 0
        self.row: dict[str, Any] | None = row(**fact) if fact else None

    async def access_rows(self, ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        self.reads += 1
        return {ROW: self.row} if self.row is not None and ROW in ids else {}


def row(**changed: Any) -> dict[str, Any]:
    fact = {
        "v": 1,
        "at": START,
        "partner": "warehouse",
        "state": "active",
        "scopes": ["goals.read", "roster.read"],
        "until": "",
        "behind": False,
        **changed,
    }
    return {"_id": ROW, "district": "north", "facts": {"partners": {WAREHOUSE: fact}}}


def over(rows: Rows, rule: PartnersLetIn = PartnersLetIn.DECLARED) -> RegisteredPartners:
    directory = CachedDirectory(rows, seconds=60.0)
    districts = Districts({"north": District(partners=rule)})
    return RegisteredPartners(Issued(), directory, districts, FakeClock())


async def test_it_is_read_once_and_not_while_it_is_known() -> None:
    rows = Rows(state="active")
    partners = over(rows)
    assert partners.seen("token") is None, "nothing is known yet"
    known = await partners.verify("token")
    assert (known.scopes, known.limited) == (SCOPES, "")
    assert partners.seen("token") == known == await partners.renewed(known)
    assert rows.reads == 1


async def test_one_that_is_not_registered_is_let_in_unless_its_district_says_otherwise() -> None:
    rows = Rows()
    declared = over(rows)
    assert await declared.verify("token") == TOKEN == declared.seen("token")
    assert rows.reads == 1
    found = await over(rows, PartnersLetIn.REGISTERED).verify("token")
    assert (found.scopes, found.limited) == (frozenset(), "partner_not_registered")


@pytest.mark.parametrize(
    ("fact", "marked", "limited"),
    [
        ({"state": ""}, False, "partner_suspended"),  # which only a newer build knows
        ({"scopes": "goals.read"}, False, "partner_suspended"),  # broken
        ({"state": "active"}, True, "partner_suspended"),  # of which an event cannot be read
    ],
)
async def test_what_cannot_be_read_opens_nothing(
    fact: dict[str, Any], marked: bool, limited: str
) -> None:
    rows = Rows(**fact)
    assert rows.row is not None
    rows.row["incomplete"] = {WAREHOUSE: 2} if marked else {}
    found = await over(rows).verify("token")
    assert (found.scopes, found.limited) == (frozenset(), limited)


@pytest.mark.parametrize(
    ("fact", "limited"),
    [
        ({"behind": True}, "receipts_overdue"),
        ({"state": "suspended", "behind": True}, "partner_suspended"),
        ({"state": "revoked"}, "partner_revoked"),
        ({"until": START.isoformat()}, "partner_over"),
    ],
)
async def test_one_that_is_kept_out_is_let_in_to_its_receipts(
    fact: dict[str, Any], limited: str
) -> None:
    found = await over(Rows(**fact)).verify("token")
    assert found.scopes == {"receipts.read"}
    assert found.limited == limited


def event(partner: str, key: str) -> Event:
    said = published.PartnerSnapshot(partner_id=partner, state=published.PARTNER_STATE_REVOKED)
    message = published.PartnerRevoked(partner=said)
    envelope = Envelope(
        event_id=f"{WAREHOUSE}:2",
        type=message.DESCRIPTOR.full_name,
        occurred_at=START,
        aggregate_id=WAREHOUSE,
        version=2,
        district="north",
        key=f"north:{key}",
    )
    return Event(envelope, message)


def test_an_event_counts_for_the_partner_that_its_key_is_of() -> None:
    told = event("warehouse", WAREHOUSE)
    (fact,) = FOLDS[told.envelope.type](told)
    assert (fact.value["state"], fact.value["partner"]) == ("revoked", "warehouse")
    assert row_of_parked(told.envelope) == [(COLLECTION, ROW)]
    other = event("another", WAREHOUSE)
    with pytest.raises(InvalidEvent):
        FOLDS[other.envelope.type](other)


async def test_one_that_nobody_has_registered_is_barred_by_what_is_overdue_alone() -> None:
    late = await over(Rows(state="unregistered", scopes=[], behind=True)).verify("token")
    assert (late.scopes, late.limited) == (frozenset({"receipts.read"}), "receipts_overdue")
    assert await over(Rows(state="unregistered", scopes=[])).verify("token") == TOKEN
    rule = PartnersLetIn.REGISTERED
    for behind in (True, False):  # what it has read it still has, and is to delete
        rows = Rows(state="unregistered", scopes=[], behind=behind)
        kept_out = await over(rows, rule).verify("token")
        assert kept_out.scopes == {"receipts.read"}
        assert kept_out.limited == "partner_not_registered"
