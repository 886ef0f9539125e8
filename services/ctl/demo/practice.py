"""What a few of the demo district's people do beside what all do: a program of pairs, of which one
pauses, a walk along the tree, a community meeting and what became of it, a celebration, a training,
what a coach's time goes into, and a hand-over that waits for the teacher's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.ctl.demo.actor import Actor, Moments
from services.ctl.demo.circles import PATH as CIRCLES
from services.ctl.demo.circles import pair
from services.ctl.demo.district import ADMIN, coach_id
from services.ctl.demo.past import Past

FEWEST = 7  # teachers of the first coach, without whom there is none of it
SESSIONS, MEETINGS = "/coaching-sessions", "/community-meetings"
PROGRAM = {
    "name": "Pairs that open their rooms",
    "type": "reciprocal",
    "purpose": "new_pedagogy",
    "focus": "general_skill",
    "modality": "in_person",
    "template": "reciprocal-pair",
    "success_criteria": [
        {"criterion_id": "visits", "statement": "Each has visited the other and was visited"}
    ],
}
WAY = (("hope", "reasons"), ("comfort", "not-comfortable"), ("safety", "corrected"))
WALKED = {"step_id": "goal-unfinished", "kind": "measure", "offered_id": "unfinished-thinking"}
AIM: dict[str, Any] = {
    "statement": "More students share an idea that may be wrong",
    "focus_skill": "discussion",
    "measure_id": "unfinished-thinking",
    "unit": "percent",
    "baseline": 30,
    "target": 60,
    "aims_at": "students",
}
TAKEN_AWAY = "Ask who disagrees before you say what is right"


@dataclass(frozen=True, slots=True)
class Practice:
    """`tool`, `tree`, `teachers`: what is there already, the tool and the tree that were published,
    by their ids, and the teachers, by theirs. Raises Refused and Stop. What was played before
    changes nothing."""

    actor: Actor
    today: date
    zone: ZoneInfo
    year: int
    tool: str
    tree: str
    teachers: Sequence[str]

    async def play(self, past: Sequence[Past]) -> None:
        if len(self.teachers) < FEWEST:
            return
        await self._pairs()
        await self._walk(self.teachers[2])
        await self._meeting(self.teachers[:4])
        await self._celebration(self.teachers[:FEWEST])
        await self._trainings()
        await self._time(self.teachers[4])
        await self._handover(past)

    def _key(self, *parts: str) -> str:
        return ":".join(("demo", self.today.isoformat(), *parts))

    def _moments(self, minute: int) -> Moments:
        return Moments(self.today, self.zone, minute)

    async def _post(self, who: str, path: str, body: Any = None, *, key: str, **more: Any) -> Any:
        """`path` begins with its service."""
        service, _, rest = path.partition("/")
        sent = await self.actor.post(who, service, f"/{rest}", body, key=self._key(key), **more)
        return sent.body

    async def _pairs(self) -> None:
        """Two of them, of which one pauses."""
        says = {**PROGRAM, "school_year": self.year}
        program = await self._post(ADMIN, "programs/programs", says, key="pairs")
        for step in ("open", "begin"):
            path = f"programs/programs/{program['program_id']}/{step}"
            await self._post(ADMIN, path, key=f"pairs:{step}")
        two = self.teachers[5:7]
        for each in (*self.teachers[:2], *two):
            body = {"program_id": program["program_id"], "teacher_id": each}
            await self._post(ADMIN, "programs/enrollments", body, key=f"pairs:{each}")
        paused = await pair(self.actor, self.today, two)
        await self._post(two[1], f"programs{CIRCLES}/{paused}/pause", key="pairs:pause")

    async def _walk(self, who: str) -> None:
        """To a goal of hers, which she pursues."""
        asked = {"teacher_id": who, "tree_id": self.tree, "school_year": self.year}
        walk = (await self._post(who, "goals/walks", asked, key="walk"))["walk_id"]
        for step, answer in WAY:
            said = {"step_id": step, "answer_id": answer}
            await self._post(who, f"goals/walks/{walk}/answers", said, key=f"walk:{step}")
        await self._post(who, f"goals/walks/{walk}/choices", WALKED, key="walk:choice")
        drafted = {**AIM, "teacher_id": who, "school_year": self.year}
        goal = (await self._post(who, "goals/goals", drafted, key="walk:goal"))["goal_id"]
        ends = {"goal_id": goal}
        await self._post(who, f"goals/walks/{walk}/complete", ends, key="walk:complete")
        await self._post(who, f"goals/goals/{goal}/activate", key="walk:activate")

    async def _meeting(self, members: Sequence[str]) -> None:
        """Of three days ago: the first showed another a goal of hers for it, and what she took away
        another tries."""
        coach, first, other = coach_id(1), members[0], members[3]
        before, after = self._moments(60), self._moments(9 * 60)
        says = {
            "starts_at": self._moments(7 * 60).at(3).isoformat(),
            "minutes": 45,
            "protocol": "present_and_discuss",
            "agenda": [{"title": "What our students say", "minutes": 30}],
            "member_ids": members,
        }
        plan = f"programs{MEETINGS}"
        made = await self._post(coach, plan, says, key="meeting", now=before.at(6))
        meeting = made["community_meeting_id"]
        for each in members:
            join = f"{plan}/{meeting}/join"
            await self._post(each, join, key=f"meeting:{each}", now=before.at(5))
        await self._share(first, other)
        await self._post(coach, f"{plan}/{meeting}/hold", key="meeting:hold", now=after.at(3))
        wrote = {"community_meeting_id": meeting, "text": TAKEN_AWAY}
        told = await self._post(first, "programs/takeaways", wrote, key="meeting:takeaway")
        tries = {
            "teacher_id": other,
            "takeaway_id": told["takeaway_id"],
            "words": TAKEN_AWAY,
            "school_year": self.year,
        }
        await self._post(other, "goals/trials", tries, key="meeting:trial")

    async def _share(self, who: str, other: str) -> None:
        found = await self.actor.post(who, "goals", "/goals", method="GET")
        active = [each["goal_id"] for each in found.body["goals"] if each["state"] == "active"]
        if active:
            until = self._moments(0).at(1) + timedelta(days=31)
            shows = {
                "goal_id": active[-1],
                "audience": [{"person_id": other}],
                "purpose": "peer_learning",
                "expires_at": until.isoformat(),
            }
            await self._post(who, "goals/shares", shows, key=f"meeting:share:{active[-1]}")

    async def _celebration(self, among: Sequence[str]) -> None:
        """Of the first goal that one of them has reached, by her coach: once, however often the
        demo is played."""
        coach = coach_id(1)
        for each in among:
            known = await self.actor.post(
                coach, "goals", f"/celebrations?teacher_id={each}", method="GET"
            )
            found = await self.actor.post(each, "goals", "/goals", method="GET")
            goals = found.body["goals"]
            reached = [goal["goal_id"] for goal in goals if goal["state"] == "achieved"]
            if reached and known.body["celebrations"]:
                return
            if reached:
                says = {"teacher_id": each, "fact": "achieved", "goal_id": reached[0]}
                says["note"] = "That was a long way. Well done!"
                await self._post(coach, "goals/celebrations", says, key=f"celebrated:{reached[0]}")
                return

    async def _trainings(self) -> None:
        """The first coach's: with the tool, and in coaching."""
        for kind, of in (
            ("rating", {"tool_id": self.tool}),
            ("coaching", {"topic": "coaching_cycle"}),
        ):
            body = {
                "person_id": coach_id(1),
                "kind": kind,
                "completed_on": (self.today - timedelta(days=40)).isoformat(),
                "expires_on": (self.today + timedelta(days=325)).isoformat(),
                "provider": "district",
            }
            await self._post(ADMIN, "programs/trainings", body | of, key=f"training:{kind}")

    async def _time(self, teacher: str) -> None:
        """Of the first coach: what she prepared without any teacher, a word in the hallway, and a
        session that did not come about."""
        coach, plan = coach_id(1), f"programs{SESSIONS}"
        before, then, after = self._moments(20), self._moments(200), self._moments(300)
        planned, since = before.at(8), then.at(5)
        support = {"kind": "support", "starts_at": since.isoformat()}
        made = await self._post(coach, plan, support, key="support", now=planned)
        spent = {"minutes": 50, "activities": [{"activity": "plan", "minutes": 50}]}
        path = f"{plan}/{made['coaching_session_id']}/hold"
        await self._post(coach, path, spent, key="support:hold", now=after.at(5))
        asked = {"teacher_ids": [teacher], "starts_at": then.at(4).isoformat()}
        made = await self._post(coach, plan, asked, key="missed", now=before.at(7))
        path = f"{plan}/{made['coaching_session_id']}/miss"
        said = {"barriers": ["schedule"]}
        await self._post(coach, path, said, key="missed:miss", now=after.at(4))
        hallway = {"teacher_id": teacher, "minutes": 5, "activity": "debrief"}
        await self._post(
            coach, "programs/session-contacts", hallway, key="hallway", now=after.at(2)
        )

    async def _handover(self, past: Sequence[Past]) -> None:
        """From the first coach to the second, of the last teacher of hers; nothing where there is
        one coach, or somebody was proposed before."""
        teachers = [each for each in past if each.coach == 1]
        if all(each.coach == 1 for each in past) or not teachers:
            return
        coach, who = coach_id(1), self.teachers[len(teachers) - 1]
        query = f"/relationships?coach_id={coach}&teacher_id={who}&state=active"
        found = await self.actor.post(coach, "programs", query, method="GET")
        for each in found.body["relationships"]:
            if each["school_year"] == self.year and each["handover"] is None:
                path = f"programs/relationships/{each['relationship_id']}/hand-over"
                await self._post(coach, path, {"coach_id": coach_id(2)}, key=f"handover:{who}")
