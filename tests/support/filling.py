"""Districts that share their roster's ids, each with one of everything as people make it over the
public API."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tests.support import program_operations as of_programs
from tests.support.asking import Asks
from tests.support.operations import HasServices, Ids, example_body, named, routes
from tests.support.policies import signed
from tests.support.practice import celebrations, practice
from tests.support.sharing import SERVICES
from tests.support.small_district import YEAR, roster_zip
from tests.support.waiting import eventually

TEACHER, COACH, ADMIN, LEAD = "teacher-0001", "coach-01", "admin-01", "teacher-0003"
PARTNER = "sis?roster.read+roster.write+journal.read"
RECEIPTS = {"sis": "receipt_id", "archive": "open_receipt"}  # by whose they are
ZIP = {"Content-Type": "application/zip"}
_MORE_INSTRUMENTS = ("draft", "edited", "unwanted", "retiring")


class Filling:
    """`settle` returns when what was done is known everywhere; `documents` has the OpenAPI
    documents."""

    def __init__(
        self, asks: Asks, documents: HasServices, settle: Callable[[], Awaitable[None]]
    ) -> None:
        self._asks, self._documents, self._settle = asks, documents, settle

    async def fill(self, district: str, canary: str = "") -> Ids:
        """One object in each state that an operation needs, by name. `<canary>` stands in every
        text of the district."""
        content = roster_zip(district, canary)
        await self._asks.import_roster(f"{district}/{PARTNER}", content)
        await self._settle()
        ids = {"teacher_id": TEACHER, "coach_id": COACH}
        listed = await self._asks.ask(f"{district}/{PARTNER}", "GET", "/roster/v1/imports")
        ids["import_id"] = listed.json()["imports"][0]["import_id"]
        ids |= {"district_id": district, "person_id": TEACHER, "class_id": "class-0001"}
        ids |= {"org_id": "school-01", "calendar": str(YEAR)}
        body = example_body(self._documents, "state_calendar", ids, canary)
        calendar = f"/roster/v1/calendars/{YEAR}"
        for place in (calendar, f"{calendar}/schools/{ids['org_id']}"):
            await self._asks.ask(f"{district}/{ADMIN}", "PUT", place, body)
        await self._leads(district, ids, canary)
        await self._goals(district, ids, canary)
        await practice(self._asks, self._documents, district, ids, canary)
        await self._settle()
        await self._programs(district, ids, canary)
        examples = partial(example_body, self._documents, ids=ids, canary=canary)
        names = ["coaching_session_id", *named("coaching_session_id")]
        await of_programs.fill_sessions(partial(self._post, district, COACH), examples, ids, names)
        await self._surveys(district, ids, canary)
        await self._observations(district, ids, canary)
        await self._settle()
        await of_programs.fill_written(partial(self._post, district), examples, ids, named)
        await self._drafts(district, ids, canary)
        await self._privacy(district, ids, canary)
        await self._roster(district, ids, canary)
        await self._shares(district, ids, canary)
        await self._settle()
        await eventually(partial(self._looked, district, ids))
        await self._receipts(district, ids)
        await celebrations(self._asks, district, ids, canary)  # last: of the others none changes
        return ids

    async def _looked(self, district: str, ids: Ids) -> bool:
        """Whether it is in the list of a teacher who was looked at."""
        answer = await self._asks.ask(f"{district}/{TEACHER}", "GET", "/privacy/v1/looks")
        for each in answer.json()["looks"]:
            ids["look_id"] = each["look_id"]  # of the first
        return "look_id" in ids

    async def _receipts(self, district: str, ids: Ids) -> None:
        """What two partners have read, and she takes back."""
        goal = f"/goals/v1/goals/{ids['goal_id']}"
        for partner in RECEIPTS:
            await self._asks.ask(f"{district}/{partner}?goals.read", "GET", goal)
        await self._settle()
        await eventually(partial(self._read_by, district))
        body = example_body(self._documents, "create_goal_share", ids)
        share = await self._post(district, TEACHER, "/goals/v1/shares", body)
        await self._post(district, TEACHER, f"/goals/v1/shares/{share}/revoke")
        await self._settle()
        await eventually(partial(self._asked_for, district, ids))

    async def _read_by(self, district: str) -> bool:
        answer = await self._asks.ask(f"{district}/{TEACHER}", "GET", "/privacy/v1/looks")
        return {each["partner_id"] for each in answer.json()["looks"]} >= RECEIPTS.keys()

    async def _asked_for(self, district: str, ids: Ids) -> bool:
        answer = await self._asks.ask(f"{district}/{TEACHER}", "GET", "/privacy/v1/receipts")
        for each in answer.json()["receipts"]:
            ids[RECEIPTS[each["partner_id"]]] = each["receipt_id"]
        return ids.keys() >= {*RECEIPTS.values()}

    async def _shares(self, district: str, ids: Ids, canary: str) -> None:
        for kind, service in SERVICES.items():
            body = example_body(self._documents, f"create_{kind}_share", ids, canary)
            for name in (f"{kind}_share_id", *named(f"{kind}_share_id")):
                ids[name] = await self._post(district, TEACHER, f"/{service}/v1/shares", body)

    async def _roster(self, district: str, ids: Ids, canary: str) -> None:
        """What people say beside the roster file."""
        ids |= {"new_person": "new-01", "unwanted_person": "new-02"}
        body = example_body(self._documents, "add_provisional_person", ids, canary)
        for number in range(1, 7):
            place = f"/roster/v1/people/new-{number:02}/provisional"
            await self._asks.ask(f"{district}/{ADMIN}", "PUT", place, body)
        await self._settle()  # else that nobody knows them is believed for a moment
        names = ("match_id", "match_to_confirm", "match_to_dismiss", "merged_match")
        for number, name in enumerate(names):
            pair = {"from_person_id": f"new-{number + 3:02}", "into_person_id": TEACHER}
            ids[name] = await self._post(district, ADMIN, "/roster/v1/matches", pair)
        confirm = f"/roster/v1/matches/{ids['merged_match']}/confirm"
        await self._asks.ask(f"{district}/{ADMIN}", "POST", confirm)
        body = example_body(self._documents, "give_grant", ids, canary)
        for name in ("grant_id", *named("grant_id")):
            ids[name] = await self._post(district, ADMIN, "/roster/v1/grants", body)
        body = example_body(self._documents, "state_experience", ids, canary)
        await self._post(district, ADMIN, "/roster/v1/experience", body)
        body = example_body(self._documents, "enter_cover", ids, canary)
        for name in ("cover_id", *named("cover_id")):
            ids[name] = await self._post(district, ADMIN, "/roster/v1/covers", body)

    async def _leads(self, district: str, ids: Ids, canary: str) -> None:
        """Who leads programs, for the teacher."""
        body = example_body(self._documents, "give_grant", ids, canary)
        led: dict[str, Any] = {"person_id": LEAD, "role": "program_lead", "person_ids": [TEACHER]}
        led |= {"begin_date": None, "end_date": None, "org_ids": []}
        await self._post(district, ADMIN, "/roster/v1/grants", body | led)

    async def _programs(self, district: str, ids: Ids, canary: str) -> None:
        v1, ids["process_template_id"] = "/programs/v1/programs", "weekly-steps"
        body = example_body(self._documents, "draft_program", ids, canary)
        for name in ("program_id", *named("program_id")):
            ids[name] = await self._post(district, ADMIN, v1, body)
        for name in ("program_id", "open_program", "closing_program", "joined_program"):
            await self._post(district, LEAD, f"{v1}/{ids[name]}/open")
        stated = {"step_id": "rehearsal", "deviation": "skipped", "reason": f"{canary} reason"}
        await self._post(district, LEAD, f"{v1}/{ids['program_id']}/deviate", stated)
        post = partial(self._post, district)
        await of_programs.fill_enrollments(post, ids)
        examples = partial(example_body, self._documents, ids=ids, canary=canary)
        await of_programs.fill_together(post, examples, ids, named("circle_id"))
        await of_programs.fill_flag_answers(post, ids, ("flag_answer_id", *named("flag_answer_id")))

    async def _goals(self, district: str, ids: Ids, canary: str) -> None:
        async def propose(teacher: str, **more: int) -> str:
            body = {"coach_id": COACH, "teacher_id": teacher, **more}
            return await self._post(district, COACH, "/programs/v1/relationships", body)

        ids["relationship_id"] = await propose(TEACHER)
        path = f"/programs/v1/relationships/{ids['relationship_id']}/accept"
        await self._post(district, TEACHER, path)
        await self._settle()
        ids["to_end"] = await propose(TEACHER, school_year=YEAR + 1)
        for name, teacher in (("to_accept", "teacher-0002"), ("to_decline", "teacher-0003")):
            ids[name] = await propose(teacher)
        ids["measure_id"] = "talk-share"
        body = example_body(self._documents, "state_measure", ids, canary)
        measure = f"/goals/v1/measures/{ids['measure_id']}"
        await self._asks.ask(f"{district}/{ADMIN}", "PUT", measure, body)
        body = example_body(self._documents, "draft_goal", ids, canary)
        names = ["goal_id", *named("goal_id")]
        for name in names:
            ids[name] = await self._post(district, COACH, "/goals/v1/goals", body)
        for name in names:
            if name in ("goal_id", "achieved_goal") or name.startswith("active_"):
                await self._post(district, TEACHER, f"/goals/v1/goals/{ids[name]}/activate")
        await self._post(district, TEACHER, f"/goals/v1/goals/{ids['achieved_goal']}/achieve")
        goal = f"/goals/v1/goals/{ids['goal_id']}"
        note = {"value": 42, "note": f"{canary} note"}
        await self._post(district, TEACHER, f"{goal}/progress", note)
        ids["progress_number"] = ids["evidence_number"] = "1"
        linked = {"kind": "survey", "evidence_id": "survey-of-another-service"}
        await self._post(district, COACH, f"/goals/v1/goals/{ids['linked_goal']}/evidence", linked)
        said = {"text": f"{canary} comment"}
        await self._post(district, COACH, f"/goals/v1/goals/{ids['linked_goal']}/comments", said)
        revised = {"reason": f"{canary} reason", "statement": f"{canary} again"}
        await self._asks.ask(
            f"{district}/{TEACHER}", "POST", f"{goal}/revise", revised, headers={"If-Match": '"3"'}
        )

    async def _surveys(self, district: str, ids: Ids, canary: str) -> None:
        body = example_body(self._documents, "draft_instrument", ids, canary)
        instruments = "/surveys/v1/instruments"
        for name in ("instrument_id", *(f"{each}_instrument" for each in _MORE_INSTRUMENTS)):
            ids[name] = await self._post(district, COACH, instruments, body)
        for name in ("instrument_id", "retiring_instrument"):
            await self._post(district, COACH, f"{instruments}/{ids[name]}/publish")
        ids["parent_id"] = ids["instrument_id"]
        forks = "/surveys/v1/instrument-forks"
        fork = {"parent_id": ids["parent_id"], "title": f"{canary} fork"}
        ids["forked_instrument"] = await self._post(district, COACH, forks, fork)
        body = example_body(self._documents, "schedule_administration", ids, canary)
        for name in ("id", "planned", "closed", "unshown", "unwanted"):
            name = "administration_id" if name == "id" else f"{name}_administration"
            ids[name] = await self._post(district, TEACHER, "/surveys/v1/administrations", body)
        for name in ("closed_administration", "administration_id"):
            survey = f"/surveys/v1/administrations/{ids[name]}"
            opened = await self._asks.ask(
                f"{district}/{TEACHER}", "POST", f"{survey}/open", {"seats": 12}
            )
            codes = opened.json()["codes"]
            answers = f"/surveys/v1/districts/{district}/administrations/{ids[name]}/responses"
            for code in codes[:11]:
                answered = {"code": code, "answers": [{"item_id": "i1", "value": 3}]}
                await self._asks.ask("", "POST", answers, answered)
            ids["code"] = codes[11]
        unshown = f"/surveys/v1/administrations/{ids['unshown_administration']}"
        unwanted = f"/surveys/v1/administrations/{ids['unwanted_administration']}"
        for survey in (unshown, unwanted):
            await self._post(district, TEACHER, f"{survey}/open", {})
        for survey in (f"/surveys/v1/administrations/{ids['closed_administration']}", unshown):
            await self._post(district, TEACHER, f"{survey}/close")

    async def _observations(self, district: str, ids: Ids, canary: str) -> None:
        body = example_body(self._documents, "draft_tool", ids, canary)
        for name in ("tool_id", "draft_tool", "unwanted_tool"):
            ids[name] = await self._post(district, COACH, "/observations/v1/tools", body)
        await self._post(district, COACH, f"/observations/v1/tools/{ids['tool_id']}/publish")
        body = example_body(self._documents, "schedule_observation", ids, canary)
        scores = example_body(self._documents, "record_scores", ids, canary)
        ids["criterion_id"] = scores["scores"][0]["criterion_id"]
        v1 = "/observations/v1/observations"
        for name, steps in (
            ("observation_id", ["scores"]),
            ("unwanted_observation", []),
            ("moving_observation", []),
            ("complete_observation", ["scores", "complete"]),
            ("done_observation", ["scores", "complete"]),
            ("shared_observation", ["scores", "complete", "share"]),
        ):
            ids[name] = await self._post(district, COACH, v1, body)
            for step in steps:
                sent = scores if step == "scores" else None
                await self._post(district, COACH, f"{v1}/{ids[name]}/{step}", sent)

    async def _drafts(self, district: str, ids: Ids, canary: str) -> None:
        """What the coach is typing, in each service."""
        ids["about_id"] = "thing-01"
        for name in ("draft_id", "unwanted_draft"):
            ids[name] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{district} {name}"))
        for route in routes(self._documents):
            if route.operation == "save_draft":
                body = example_body(self._documents, route, ids, canary)
                for name in ("draft_id", "unwanted_draft"):
                    place = f"/{route.service}/v1/drafts/{ids[name]}"
                    await self._asks.ask(f"{district}/{COACH}", "PUT", place, body)

    async def _privacy(self, district: str, ids: Ids, canary: str) -> None:
        body = example_body(self._documents, "draft_statement", ids, canary)
        v1 = "/privacy/v1/statements"
        for name in ("statement_id", "second_statement", "draft_statement", "unwanted_statement"):
            ids[name] = await self._post(district, ADMIN, v1, body)
        for name in ("second_statement", "statement_id"):
            await self._post(district, ADMIN, f"{v1}/{ids[name]}/publish")
            read = {"statement_id": ids[name]}
            ids["acknowledgment_id"] = await self._post(
                district, TEACHER, "/privacy/v1/acknowledgments", read
            )

        body = example_body(self._documents, "propose_policy", ids, canary)
        asked = f"{district}/{ADMIN}", "POST", "/privacy/v1/policies", body
        policy = (await self._asks.ask(*asked)).json()
        ids |= {"policy_id": policy["policy_id"], **signed(policy, "district")}
        await self._partners(district, ids, canary)
        held = {"held_person": TEACHER, "waiting_person": "coach-02"}
        clear = {"person_to_erase": COACH, "person_to_hold": "teacher-0002"}
        ids |= {**held, **clear}
        for person in (*held.values(), *clear.values(), ADMIN):
            body = example_body(self._documents, "hold_erasure", ids, canary)
            await self._post(district, ADMIN, f"/privacy/v1/erasures/{person}/hold", body)
        for person in (*clear.values(), ADMIN):
            await self._post(district, ADMIN, f"/privacy/v1/erasures/{person}/release", body)
        order = f"/privacy/v1/erasures/{held['waiting_person']}/order"
        body = example_body(self._documents, "order_erasure", ids, canary)
        await self._post(district, ADMIN, order, body)
        body = example_body(self._documents, "order_artifact_erasure", ids, canary)
        about = {
            **body,
            "person_id": TEACHER,
            "artifact_id": str(uuid.uuid5(uuid.NAMESPACE_OID, district)),
        }
        for name, who in (("artifact_erasure_id", TEACHER), ("unwanted_order", ADMIN)):
            ids[name] = await self._post(district, who, "/privacy/v1/artifact-erasures", about)

    async def _partners(self, district: str, ids: Ids, canary: str) -> None:
        names = ["partner_id", *named("partner_id")]
        for name in names:
            ids[name] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{district} {name}"))
        v1 = "/privacy/v1/partners"
        for name in names:
            body = example_body(self._documents, "register_partner", ids, canary)
            if name != "new_partner":
                await self._post(district, ADMIN, v1, {**body, "partner_id": ids[name]})
        body = example_body(self._documents, "suspend_partner", ids, canary)
        await self._post(district, ADMIN, f"{v1}/{ids['suspended_partner']}/suspend", body)

    async def _post(self, district: str, person: str, path: str, body: Any = None) -> str:
        """The id of what came back."""
        made: dict[str, Any] = (
            await self._asks.ask(f"{district}/{person}", "POST", path, body)
        ).json()
        return next((str(made[name]) for name in made if name.endswith("_id")), "")
