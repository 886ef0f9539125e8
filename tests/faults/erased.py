"""Somebody who has left, and all of whose coaching is ordered to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from services.chassis.write.mongo_documents import COLLECTION as AGGREGATES
from services.chassis.write.stored_documents import TOMBSTONE
from services.ctl.demo.district import teacher_id
from tests.support.faults import Faulty

LEFT, ADMIN = teacher_id(12), "admin-01"


@dataclass
class Leaver:
    """With one goal, `goal`."""

    f: Faulty
    goal: str
    person: str = LEFT

    @classmethod
    async def began(cls, f: Faulty, words: str, person: str = LEFT) -> Leaver:
        await f.north.known(person)
        said = {"teacher_id": person, "statement": words, "focus_skill": "x", "measure_id": "x"}
        body = {**said, "unit": "percent", "target": 60}
        made = await f.north.post(person, "/goals/v1/goals", body, key=uuid4().hex)
        return cls(f, str(made["goal_id"]), person)

    async def is_to_be_erased(self) -> None:
        why = {"reason": "x"}
        path = f"/privacy/v1/erasures/{self.person}/order"
        await self.f.north.post(ADMIN, path, why, key=uuid4().hex)

    async def is_erased(self) -> bool:
        """Nothing is left of it but that it is gone."""
        backing = self.f.stack._backing("goals")
        assert backing.database is not None
        stored = await backing.database[AGGREGATES].find_one({"_id": self.goal})
        kept = await backing.journal.read("north", None, "", 100, self.goal)
        erased = stored is not None and stored["kind"] == TOMBSTONE and "state" not in stored
        return erased and [each.event.erases for each in kept] == [True]
