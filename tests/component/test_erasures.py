"""What is about a person is erased in every service and view, for good, unless it is held."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import httpx2
import pytest

from services.access.erasures import A_MOMENT, SECOND_LOOK
from services.chassis.crash_points import Crashed, crashing
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.rows import StoreDown
from services.ctl.demo.district import coach_id, teacher_id
from services.privacy.erasure.duties import SEES
from services.surveys import bootstrap
from services.surveys.administration.memory_seats import MemorySeats
from tests.support.coaching import Coaching
from tests.support.goal_cards import all_records
from tests.support.oracles import live_rows, replay_log
from tests.support.platform import Platform

HER, BYSTANDER, COACH, ADMIN = teacher_id(1), teacher_id(2), coach_id(1), "admin-01"
CANARY = "Canary-words"
ORDER = f"/privacy/v1/erasures/{HER}"
WHY = {"reason": "She has asked for it."}
COUNTS = {"goals": 1, "observations": 1, "programs": 1, "surveys": 1}


class Erased:
    """A coached teacher with work of every kind, and one beside her with a goal."""

    def __init__(self) -> None:
        self.sheets = MemorySeats()
        with patch.object(bootstrap, "MemorySeats", lambda: self.sheets):
            self.platform = Platform()
        self.people = Coaching(self.platform)
        self.work: dict[str, str] = {}

    async def begin(self) -> Erased:
        await self.people.import_roster()
        await self.platform.settle()
        await self.people.relate(1)
        await self.platform.settle()
        found = await self.get(HER, f"/programs/v1/relationships?teacher_id={HER}")
        self.work["programs"] = found["relationships"][0]["relationship_id"]
        goal = await self.people.active_goal(COACH, HER, statement=CANARY)
        noted = {"value": 40, "note": CANARY}
        for _ in range(45):  # some of which leave the goal
            await self.people.post(HER, f"/goals/v1/goals/{goal}/progress", noted)
        self.work["goals"] = goal
        at = self.platform.clock.now().isoformat().replace("+00:00", "Z")
        seen = await self.people.shared_observation(COACH, HER, at)
        put_right = {"score": 3, "note": CANARY, "reason": CANARY}
        await self.people.correct(COACH, seen, put_right)
        self.work["observations"] = seen
        measure = await self.people.published_measure(COACH)
        taught = await self.get(HER, "/roster/v1/classes")
        self.survey, self.codes = await self.people.open_survey(
            HER, measure, taught["classes"][0]["class_id"], 12
        )
        self.work["surveys"] = self.survey
        await self.people.answer(self.survey, self.codes[0], 3)
        self.beside = await self.people.active_goal(COACH, BYSTANDER)
        await self.platform.settle()
        return self

    async def send(self, who: str, path: str, body: Any = None) -> httpx2.Response:
        async with self.platform.client(path.split("/")[1], f"north/{who}") as client:
            return await client.post(path, json=body)

    async def get(self, who: str, path: str) -> Any:
        return (await self.platform.ask(f"north/{who}", "GET", path)).json()

    async def status(self, who: str, path: str) -> int:
        async with self.platform.client(path.split("/")[1], f"north/{who}") as client:
            return (await client.get(path)).status_code

    async def there(self, who: str = HER) -> set[str]:
        """Which services still have her work."""
        kinds = {
            "goals": "goals", "observations": "observations",
            "surveys": "administrations", "programs": "relationships",
        }  # fmt: skip
        paths = {of: f"/{of}/v1/{kinds[of]}/{id_}" for of, id_ in self.work.items()}
        return {of for of, path in paths.items() if await self.status(who, path) == 200}

    async def later(self) -> None:
        """It is looked once more, and in a moment again at what that has erased."""
        for span in (SECOND_LOOK, A_MOMENT):
            self.platform.clock.forward(seconds=span.total_seconds())
            await self.platform.settle()

    async def carry_out(self) -> Any:
        """Let all be done that is due, and once more after a while: how far it is then."""
        await self.platform.settle()
        await self.later()
        return await self.get(ADMIN, ORDER)

    def holds(self, *texts: str) -> set[str]:
        """Where any of these stands: services and what of their stores."""
        found = set()
        for name, service in self.platform.services.items():
            backing = service.backing
            assert isinstance(backing.views, MemoryViews)
            stores: Mapping[str, Any] = {
                "documents": {
                    id_: (each.state, each.document, each.outbox, each.was)
                    for id_, each in vars(backing.store)["_stored"].items()
                },
                "journal": vars(backing.journal),
                "rows": backing.views.rows,
                "parked": backing.views.parked,
            }
            for what, held in stores.items():
                if any(text in repr(held) for text in texts):
                    found.add(f"{name} {what}")
        return found


@pytest.fixture
async def erased() -> Erased:
    return await Erased().begin()


async def test_what_is_about_her_is_gone_from_every_service_and_every_view(erased: Erased) -> None:
    assert await erased.there() == set(COUNTS)
    assert "goals journal" in erased.holds(erased.work["goals"])
    (await erased.send(ADMIN, f"{ORDER}/order", WHY)).raise_for_status()
    done = await erased.carry_out()
    assert done["state"] == "done"
    assert {each["service"]: each["erased"] for each in done["carried_out"]} == COUNTS
    assert await erased.there() == set()
    assert await erased.people.entry(COACH, HER) is None
    assert (await erased.get(HER, f"/insights/v1/timeline?teacher_id={HER}"))["items"] == []
    assert erased.holds(CANARY, "canary-note") == set()
    for service, id_ in erased.work.items():
        await erased_for_good(erased, service, id_)


async def erased_for_good(erased: Erased, service: str, id_: str) -> None:
    """One event is left of it, and no fact anywhere says more than that it is gone."""
    backing = erased.platform.services[service].backing
    entries = await backing.journal.read("north", None, "", 10_000, id_)
    assert [each.event.erases for each in entries] == [True]
    for each in erased.platform.services.values():
        views = each.backing.views
        assert isinstance(views, MemoryViews)
        for collection, rows in views.rows.items():
            for row in rows.values():
                for facts in row["facts"].values() if collection != "duties" else ():
                    if id_ in facts:
                        assert facts[id_].keys() == {"v", "at", "gone"}


async def test_nothing_comes_back_when_views_read_everything_again(erased: Erased) -> None:
    """By the log, which has it all still, in whatever order; what lives is as it was."""
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    await erased.carry_out()
    for service in erased.platform.services.values():
        for projector in service.projectors:
            projection, views = projector.projection, service.backing.views
            if "duties" in projection.group:
                continue
            records = list(all_records(erased.platform.log, projection))
            for order in (records, records[::-1]):
                expected = replay_log(projection, order)
                for collection, rows in expected.items():
                    generation = await views.generation(projection.group)
                    assert await live_rows(views.scan(generation, collection)) == rows


async def test_who_stands_beside_her_keeps_what_is_theirs(erased: Erased) -> None:
    """Also what the person herself has done for others."""
    (await erased.send(ADMIN, f"/privacy/v1/erasures/{COACH}/order", WHY)).raise_for_status()
    await erased.platform.settle()
    await erased.later()
    done = await erased.get(ADMIN, f"/privacy/v1/erasures/{COACH}")
    assert (done["state"], {each["erased"] for each in done["carried_out"]}) == ("done", {0})
    assert await erased.there() == set(COUNTS)
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    await erased.carry_out()
    assert await erased.status(BYSTANDER, f"/goals/v1/goals/{erased.beside}") == 200
    assert (await erased.people.entry(COACH, BYSTANDER))["open_goals"]


async def test_a_hold_outranks_an_order_until_it_is_released(erased: Erased) -> None:
    assert (await erased.send(ADMIN, f"{ORDER}/hold", {"reason": "A lawsuit."})).status_code == 200
    ordered = await erased.send(ADMIN, f"{ORDER}/order", WHY)
    assert (ordered.status_code, ordered.json()["state"]) == (200, "held")
    held = await erased.carry_out()
    assert (held["state"], held["awaited"], held["proof"]) == ("held", [], "")
    assert [each["step"] for each in held["steps"]] == ["held", "ordered"]
    assert held["steps"][0]["reason"] == "A lawsuit."
    assert await erased.there() == set(COUNTS)
    (await erased.send(ADMIN, f"{ORDER}/release", WHY)).raise_for_status()
    assert (await erased.carry_out())["state"] == "done"
    assert await erased.there() == set()


async def test_what_is_under_way_is_not_held_and_not_taken_back(erased: Erased) -> None:
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    for what, code in (
        ("order", "already_ordered"), ("hold", "under_way"),
        ("release", "not_held"), ("withdraw", "not_waiting"),
    ):  # fmt: skip
        refused = await erased.send(ADMIN, f"{ORDER}/{what}", WHY)
        assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_an_order_that_is_taken_back_erases_nothing(erased: Erased) -> None:
    for what in ("hold", "order", "withdraw", "release"):
        (await erased.send(ADMIN, f"{ORDER}/{what}", WHY)).raise_for_status()
    assert (await erased.carry_out())["state"] == "clear"
    assert await erased.there() == set(COUNTS)


async def test_what_she_begins_after_the_order_stays_however_often_it_is_carried_out(
    erased: Erased,
) -> None:
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    await erased.carry_out()
    await erased.send(COACH, "/programs/v1/relationships", {"coach_id": COACH, "teacher_id": HER})
    body = {
        "teacher_id": HER, "statement": "Another", "focus_skill": "talk", "measure_id": "talk",
        "unit": "percent", "target": 60,
    }  # fmt: skip
    made = await erased.send(HER, "/goals/v1/goals", body)
    await erased.platform.settle()
    for service in erased.platform.services.values():
        if service.duties is not None:  # as where its to-dos are read again from the first event
            views = service.backing.views
            assert isinstance(views, MemoryViews)
            for row in views.rows.get("duties", {}).values():
                row.update(state="open", tries=0)
    await erased.carry_out()
    assert await erased.status(HER, f"/goals/v1/goals/{made.json()['goal_id']}") == 200


async def test_an_open_survey_takes_no_answer_any_more_and_keeps_none(erased: Erased) -> None:
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    await erased.carry_out()
    late = await erased.send(
        "", f"/surveys/v1/districts/north/administrations/{erased.survey}/responses",
        {"code": erased.codes[1], "answers": [{"item_id": "heard", "value": 3}]},
    )  # fmt: skip
    assert late.status_code == 404
    assert [each.sheet for each in erased.sheets._seats.values()] == [None] * 12
    erased.platform.clock.forward(minutes=11)
    await erased.platform.settle()
    assert erased.sheets._seats == {}


async def test_an_order_that_a_backup_lacks_is_given_again_and_carried_out_again(
    erased: Erased,
) -> None:
    """What services had said of the lost one, of the same id and version, confirms nothing."""
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    order = (await erased.carry_out())["erasure_id"]
    privacy = erased.platform.services["privacy"].backing
    del vars(privacy.store)["_stored"][order]
    vars(privacy.journal)["_entries"].clear()
    for service in erased.platform.services.values():  # all views are built anew
        views = service.backing.views
        assert isinstance(views, MemoryViews)
        for projector in service.projectors:
            projector.forget(StoreDown("restored"))
        for id_, row in list(views.rows.get("duties", {}).items()):
            row["state"], row["due"] = "open", erased.platform.clock.now()
            if order in id_:
                del views.rows["duties"][id_]
    body = {
        "teacher_id": HER, "statement": CANARY, "focus_skill": "talk", "measure_id": "talk",
        "unit": "percent", "target": 60,
    }  # fmt: skip
    (await erased.send(HER, "/goals/v1/goals", body)).raise_for_status()
    erased.platform.clock.forward(seconds=1)
    again = (await erased.send(ADMIN, f"{ORDER}/order", WHY)).json()
    assert (again["erasure_id"], again["version"]) == (order, 1)
    await erased.platform.settle()
    assert (await erased.get(ADMIN, ORDER))["carried_out"] == []
    done = await erased.carry_out()
    counts = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counts.keys()) == ("done", COUNTS.keys())
    assert erased.holds(CANARY) == set()


async def test_nobody_but_the_districts_administrators_learns_of_it(erased: Erased) -> None:
    await erased.send(ADMIN, f"{ORDER}/hold", WHY)
    for who in (HER, COACH, BYSTANDER):
        told = []
        for person in (HER, teacher_id(3)):  # of whom there is one, and of whom there is none
            place = f"/privacy/v1/erasures/{person}"
            acts = ("order", "hold", "release", "withdraw")
            answers = [await erased.send(who, f"{place}/{what}", WHY) for what in acts]
            told.append([*(each.status_code for each in answers), await erased.status(who, place)])
        assert told[0] == told[1]
        assert set(told[0]) <= {403, 404}
    assert await erased.status(ADMIN, f"/privacy/v1/erasures/{BYSTANDER}") == 404
    unknown = await erased.send(ADMIN, "/privacy/v1/erasures/nobody/order", WHY)
    assert unknown.json()["errors"][0]["code"] == "unknown_person"


async def test_nobody_says_that_it_is_done_before_its_journal_has_forgotten_it(
    erased: Erased,
) -> None:
    services = erased.platform.services
    goals = services["goals"]
    services["goals"] = replace(goals, relay=None)
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    assert (await erased.carry_out())["awaited"] == ["goals"]
    assert "goals documents" not in erased.holds(CANARY)
    assert "goals journal" in erased.holds(CANARY)
    stored: Mapping[str, Any] = vars(goals.backing.store)["_stored"]
    assert "receipt" not in {each.document.kind for each in stored.values()}
    services["goals"] = goals
    await erased.later()
    assert (await erased.get(ADMIN, ORDER))["state"] == "done"
    assert "goals journal" not in erased.holds(CANARY)


async def test_the_proof_can_be_made_again_by_who_reads_the_order(erased: Erased) -> None:
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    done = await erased.carry_out()
    said = {
        "carried_out": [
            {"erased": each["erased"], "service": each["service"]} for each in done["carried_out"]
        ],
        "district_id": "north",
        **{name: done[name] for name in ("done_at", "erasure_id", "ordered_at", "person_id")},
    }
    told = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    assert done["proof"] == hashlib.sha256(told).hexdigest()


def dying(name: str, after: int) -> Callable[[str], None]:
    left = after

    def hook(point: str) -> None:
        nonlocal left
        left -= point == name
        if left < 0:
            raise Crashed(name)

    return hook


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("point", ["W1", "W2", "D1", "D2", "R2", "R4", "E1", "R5"])
async def test_whatever_dies_in_the_middle_it_is_carried_out_once(
    erased: Erased, point: str, after: int
) -> None:
    await erased.send(ADMIN, f"{ORDER}/order", WHY)
    with crashing(dying(point, after)), contextlib.suppress(Crashed):
        await erased.carry_out()  # it may pass there less often
    erased.platform.clock.forward(seconds=31)  # what had been taken is free again
    done = await erased.carry_out()
    assert done["state"] == "done"
    assert {each["service"]: each["erased"] for each in done["carried_out"]} == COUNTS
    assert await erased.there() == set()
    assert erased.holds(CANARY, "canary-note") == set()


async def test_one_not_done_in_an_hour_is_looked_at_until_it_is(erased: Erased) -> None:
    """Which an alert counts; of one that is done in time nothing is."""
    seen: list[str] = []
    privacy = erased.platform.services["privacy"]
    surveys = erased.platform.services["surveys"]
    assert privacy.duties is not None
    ran = privacy.duties._watch.ran

    def told(duty: str, outcome: str) -> None:
        if duty == SEES:
            seen.append(outcome)
        ran(duty, outcome)

    async def away() -> int:
        return 0

    with patch.object(privacy.duties._watch, "ran", told):
        with patch.object(surveys.duties, "round", away):
            await erased.send(ADMIN, f"{ORDER}/order", WHY)
            await erased.carry_out()
            erased.platform.clock.forward(minutes=58)
            await erased.platform.settle()
            assert seen == []
            for minutes in (2, 6):
                erased.platform.clock.forward(minutes=minutes)
                await erased.platform.settle()
            assert seen == ["later", "later"]
        assert (await erased.carry_out())["state"] == "done"
        erased.platform.clock.forward(minutes=6)
        await erased.platform.settle()
        assert seen == ["later", "later", "done"]
