"""What a teacher, her coach, a colleague, an administrator and partners' programs do with what is
about her in a year, over what everybody has: REST, gRPC and the command line."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from coaching.privacy.v1 import receipt_pb2
from coaching.privacy.v1.receipt_pb2_grpc import ReceiptsServiceStub
from services.chassis.views.generations import CurrentViews
from services.ctl.local import keys
from tests.support.asking import plain_client
from tests.support.coaching import YEAR, Coaching
from tests.support.policies import signed
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

HER, COACH, COLLEAGUE, ADMIN = "teacher-0011", "coach-03", "teacher-0002", "admin-01"
CANARY = "Canary-of-a-year"
SCOPES = "goals.read+administrations.read+receipts.read+receipts.write"
POLICIES, STATEMENTS = "/privacy/v1/policies", "/privacy/v1/statements"
RECEIPTS, ERASURE = "/privacy/v1/receipts", f"/privacy/v1/erasures/{HER}"
TERMS: Mapping[str, Any] = {
    "number": 1,
    "purposes": ["coaching"],
    "audiences": ["coach", "partner"],
    "acknowledge_before_sharing": True,
    "leaders_see": "nothing",
    "retention": [{"record": "goals", "days": 1825}],
    "teacher_first_hours": 1,
    "recording": "none",
    "representatives_sign": 1,
}


class PrivacyYear(Coaching):
    """In one district of a running stack. `work`: by service, the id of what is hers."""

    def __init__(self, stack: RunningStack, district: str) -> None:
        super().__init__(stack, district)
        self.stack = stack
        self.work: dict[str, str] = {}

    async def get(self, person: str, path: str) -> Any:
        return (await self.asks.ask(self.who(person), "GET", path)).json()

    async def status(self, person: str, path: str) -> int:
        async with self.stack.client(path.split("/")[1], self.who(person)) as client:
            return (await client.get(path)).status_code

    async def earlier(self, person: str, path: str, body: Any = None, hours: int = 0) -> Any:
        """As it was done so many hours ago."""
        at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
        asked = self.who(person), "POST", path, body
        return (await self.asks.ask(*asked, headers={"Tandem-Now": at})).json()

    async def agree(self) -> None:
        """On a policy, which the district signs and her representative; she acknowledges it."""
        words = {"title": "How data is used", "text": "Only her coach sees her goals."}
        said = (await self.post(ADMIN, STATEMENTS, words))["statement_id"]
        await self.post(ADMIN, f"{STATEMENTS}/{said}/publish")
        policy = await self.post(ADMIN, POLICIES, {**TERMS, "statement_id": said})
        place = f"{POLICIES}/{policy['policy_id']}/sign"
        one = await self.post(ADMIN, place, signed(policy, "district"))
        assert (one["state"], one["representatives_needed"]) == ("proposed", 1)
        both = await self.post(HER, place, signed(policy, "union"))
        assert both["state"] == "enacted"
        await self.post(HER, "/privacy/v1/acknowledgments", {"statement_id": said})

    async def begin_coaching(self) -> None:
        """As soon as the programs service knows that she has acknowledged what is in force."""
        v1 = "/programs/v1/relationships"
        await self.may(COACH, v1)
        made = await self.post(COACH, v1, {"coach_id": COACH, "teacher_id": HER})
        self.work["programs"] = made["relationship_id"]
        accept = f"{v1}/{made['relationship_id']}/accept"

        async def accepted() -> bool:
            async with self.stack.client("programs", self.who(HER)) as client:
                return (await client.post(accept)).is_success

        await eventually(accepted, timeout=30)
        await self.may(COACH, f"/goals/v1/goals?teacher_id={HER}")
        await self.may(COACH, f"/observations/v1/observations?teacher_id={HER}")

    async def work_together(self) -> None:
        """A goal with values of which some leave it, an observation, and a survey whose results
        have been hers alone for longer than the hour that was agreed."""
        goal = self.work["goals"] = await self.active_goal(COACH, HER, statement=CANARY)
        for value in range(45):
            noted = {"value": value, "note": CANARY}
            await self.post(HER, f"/goals/v1/goals/{goal}/progress", noted)
        self.work["observations"] = await self.shared_observation(
            COACH, HER, "2026-10-05T15:00:00Z", CANARY
        )
        taught = await self.get(HER, f"/roster/v1/classes?teacher_id={HER}")
        class_id = taught["classes"][0]["class_id"]
        measure = await self.published_measure(COACH)
        asked = {"instrument_id": measure, "teacher_id": HER, "class_id": class_id}
        made = await self.earlier(HER, "/surveys/v1/administrations", asked, hours=4)
        survey = self.work["surveys"] = str(made["administration_id"])
        place = f"/surveys/v1/administrations/{survey}"
        opened = await self.earlier(HER, f"{place}/open", {"seats": 12}, hours=3)
        for code in opened["codes"]:
            await self.answer(survey, code, 3)
        closed = await self.earlier(HER, f"{place}/close", hours=2)
        assert closed["results"]["suppressed"] is False

    async def share(self, service: str, kind: str) -> str:
        """With her colleague, until tomorrow; the path of the share."""
        body = {
            f"{kind}_id": self.work[service],
            "audience": [{"person_id": COLLEAGUE}],
            "purpose": "peer_learning",
            "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        }
        made = await self.post(HER, f"/{service}/v1/shares", body)
        return f"/{service}/v1/shares/{made[f'{kind}_share_id']}"

    @asynccontextmanager
    async def live(self) -> AsyncIterator[list[Any]]:
        """Her entries in her coach's open caseload, as they come by server-sent events."""
        entries: list[Any] = []
        path = f"/insights/v1/caseloads/{COACH}/live?school_year={YEAR}"

        async def read() -> None:
            async with (
                self.stack.client("insights", self.who(COACH)) as client,
                client.stream("GET", path, timeout=HANGS) as answer,
            ):
                assert answer.status_code == 200
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    entry = json.loads(value).get("entry") if name == "data" else None
                    if entry and entry["teacher_id"] == HER:
                        entries.append(entry)

        reading = asyncio.create_task(read())
        try:
            yield entries
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def evaluates(self, path: str) -> tuple[int, str]:
        """Her coach comes with a token that says what for."""
        issuer = keys.issuer_of(self.district)
        claims = {"iss": issuer, "aud": keys.AUDIENCE, "sub": COACH, "purpose": "evaluation"}
        token = keys.sign_id(self.stack.folder / "keys", claims, 600)
        async with plain_client(
            base_url=self.stack.stack.rest(path.split("/")[1]),
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            answer = await client.get(path)
        return answer.status_code, answer.json()["code"]

    async def looks(self) -> list[Any]:
        """Her whole list, the newest first."""
        found: list[Any] = []
        page = ""
        while True:
            body = await self.get(HER, f"/privacy/v1/looks?page_size=200{page}")
            found += body["looks"]
            if not body["next_page_token"]:
                return found
            page = f"&page_token={body['next_page_token']}"

    async def register(self, partner: str) -> None:
        scopes = SCOPES.split("+")
        body = {"partner_id": partner, "title": partner, "scopes": scopes, "contact": "Office"}
        await self.post(ADMIN, "/privacy/v1/partners", body)

    def program(self, partner: str) -> str:
        return f"{partner}?{SCOPES}"

    async def receipt(self, partner: str, cause: str) -> Any:
        """The one that a partner has been given for this; waits for it."""
        found: list[Any] = []

        async def there() -> bool:
            listed = (await self.get(self.program(partner), RECEIPTS))["receipts"]
            found[:] = [each for each in listed if each["cause"] == cause]
            return bool(found)

        await eventually(there, timeout=180)
        (receipt,) = found
        return receipt

    async def confirm(self, partner: str, receipt: str) -> str:
        """Over gRPC; who it says has confirmed."""
        token = self.stack.token(self.who(self.program(partner)))
        async with grpc.aio.insecure_channel(self.stack.stack.grpc("privacy")) as channel:
            told = await ReceiptsServiceStub(channel).ConfirmDeletion(
                receipt_pb2.ConfirmDeletionRequest(receipt_id=receipt),
                metadata=(("authorization", f"Bearer {token}"),),
            )
        return str(told.confirmed_by)

    async def a_month_passes_for(self, receipt: str) -> None:
        """Of one receipt alone, since the clocks of processes cannot be put forward: the only thing
        here that is written into a database, not asked for."""
        own = self.stack._backing("privacy").database
        assert own is not None
        todos = await CurrentViews(own, "privacy-duties").collection("duties")
        over = datetime.now(UTC) - timedelta(seconds=1)
        when = {"_id": receipt}
        done = await own["aggregates"].update_one(when, {"$set": {"state.due_at": over}})
        todo = {"_id": {"$regex": f"^keep_out_late_partner:{receipt}:"}}
        due = await todos.update_one(todo, {"$set": {"due": over}})
        assert (done.matched_count, due.matched_count) == (1, 1)

    async def carried_out(self) -> Any:
        told: dict[str, Any] = {}

        async def done() -> bool:
            async with self.stack.client("privacy", self.who(ADMIN)) as client:
                answer = await client.get(ERASURE)
            if answer.status_code == 503:  # try later, it says
                return False
            told.update(answer.json())
            return str(told["state"]) == "done"

        await eventually(done, timeout=150)
        return told


def proof_of(district: str, order: Mapping[str, Any]) -> str:
    """As docs/architecture.md says that whoever reads an order makes it again."""
    names = ("done_at", "erasure_id", "ordered_at", "person_id")
    carried = [
        {"erased": each["erased"], "service": each["service"]} for each in order["carried_out"]
    ]
    told = {
        "district_id": district,
        **{name: order[name] for name in names},
        "carried_out": sorted(carried, key=lambda each: str(each["service"])),
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
