"""A cell in which whoever imports rosters dies by kill -9 at places drawn by lot, and in which
MongoDB dies under an import."""

from __future__ import annotations

import asyncio
import signal
from itertools import product
from typing import Any

import httpx2

from services.chassis.write.mongo_documents import COLLECTION as AGGREGATES
from services.chassis.write.mongo_journal import COLLECTION as JOURNAL
from services.ctl.local.districts import write_districts
from tests.support.faults import Faulty
from tests.support.roster_files import Files, edited, zipped
from tests.support.roster_nights import NIGHTS
from tests.support.waiting import eventually

FOR_OTHERS = "api,relay,projector"
AGAIN_SECONDS = 120.0  # longer than an import that nobody holds any more is nobody else's
IMPORTS = "/roster/v1/imports"
LATER: Files = edited("orgs.csv", "North", "Northern")  # sent while the night's is under way


async def imports_killed(f: Faulty, times: int) -> str:
    """So many times the process dies under the nights of three districts, at a place drawn by lot,
    and another one goes on; and at every fourth time MongoDB dies under them besides. They end as
    the same files do that nobody disturbs, each event once."""
    dying = [
        death
        for number in range(times)
        for death in ((_process_dies, _engine_dies) if number % 4 == 1 else (_process_dies,))
    ]
    turns = range(len(dying))
    own = [f"calm-{name}" for name in NIGHTS] + [
        f"cut-{n}-{name}" for n, name in product(turns, NIGHTS)
    ]
    write_districts(f.stack.folder, {name: {} for name in (*f.stack.all_districts, *own)})
    async with f.load() as load:
        await _begun_again(f)
        calm = [_District(f, f"calm-{name}") for name in NIGHTS]
        for each, (before, files) in zip(calm, NIGHTS.values(), strict=True):
            for night in (before, files, LATER):
                await each.imports(night)
        undisturbed = [await each.stored() for each in calm]
        for turn, dies in enumerate(dying):
            cut = [_District(f, f"cut-{turn}-{name}") for name in NIGHTS]
            for each, (before, _) in zip(cut, NIGHTS.values(), strict=True):
                await each.imports(before)
            await _begun_again(f, FOR_OTHERS)
            sent = [
                [await each.sends(files), await each.sends(LATER)]
                for each, (_, files) in zip(cut, NIGHTS.values(), strict=True)
            ]
            await dies(f)
            for each, jobs in zip(cut, sent, strict=True):
                await each.not_both(jobs)
            await _begun_again(f)
            for each, other, jobs in zip(cut, undisturbed, sent, strict=True):
                await each.ended(jobs)
                assert await each.stored() == other, f"{f.happened[-1]}: {each.name}"
            await f.progress(load, 10)
    cut_short = f"{len(dying)} times, {times} of them by a kill of who imports"
    return f"{cut_short}, the nights of 3 districts, {load.acknowledged} writes"


async def _process_dies(f: Faulty) -> None:
    """It carries out two of the imports at a time, which together write 20 records."""
    place = f.chance.randint(1, 18)
    f.stack.start("roster", "importer", ROLES="duties", TANDEM_CRASH_AT=f"W2:{place}")
    code = await f.died("importer", "W2")
    assert code == -signal.SIGKILL, code
    f.happened.append(f"importer W2:{place}")
    await f.stack.kill("importer")


async def _engine_dies(f: Faulty) -> None:
    f.stack.start("roster", "importer", ROLES="duties")
    await asyncio.sleep(f.chance.uniform(0.5, 3))
    await f.engines.kill_mongod()
    f.happened.append("mongod under imports")
    await f.engines.start_mongod()
    await f.stack.kill("importer")


async def _begun_again(f: Faulty, roles: str = "") -> None:
    await f.stack.kill("roster")
    f.stack.start("roster", **({"ROLES": roles} if roles else {}))
    await f.stack.ready("roster")


class _District:
    """One of its own: its files come from its own system, and nobody works there."""

    def __init__(self, f: Faulty, name: str) -> None:
        self._f, self.name = f, name
        self._who = f"{name}/sis?roster.write"

    async def imports(self, files: Files | None) -> None:
        if files is not None:
            await self._f.stack.import_roster(self._who, zipped(files), "?allow_removals=true")

    async def sends(self, files: Files) -> str:
        content, headers = zipped(files), {"Content-Type": "application/zip"}
        path = f"{IMPORTS}?allow_removals=true"
        sent = await self._f.stack.ask(self._who, "POST", path, content=content, headers=headers)
        return str(sent.json()["import_id"])

    async def _job(self, id: str) -> Any:
        """Asked until it is answered: MongoDB may have just come back."""
        found: Any = {}

        async def answered() -> bool:
            try:
                async with self._f.stack.client("roster", self._who) as client:
                    answer = await client.get(f"{IMPORTS}/{id}")
            except httpx2.HTTPError:
                return False
            found.update(answer.json() if answer.is_success else {})
            return answer.is_success

        await eventually(answered, timeout=30)
        return found

    async def not_both(self, jobs: list[str]) -> None:
        """The second one begins after the first one has ended."""
        first, second = [(await self._job(each))["state"] for each in jobs]
        assert second == "waiting" or first == "done", (first, second)

    async def ended(self, jobs: list[str]) -> None:
        for each in jobs:

            async def done(id: str = each) -> bool:
                job = await self._job(id)
                assert job["state"] != "failed", job
                return bool(job["state"] == "done")

            await eventually(done, timeout=AGAIN_SECONDS)

    async def stored(self) -> dict[str, Any]:
        """Each record with its events, as if the district were called otherwise."""
        database = self._f.stack._backing("roster").database

        async def published() -> bool:
            waiting = {"district": self.name, "outbox.0": {"$exists": True}}
            return await database[AGGREGATES].find_one(waiting) is None

        await eventually(published, timeout=30)
        found: dict[str, Any] = {}
        async for each in database[AGGREGATES].find({"district": self.name}):
            told = repr((each["_id"], each["version"], each["state"]))
            found[each["_id"].removeprefix(self.name)] = told.replace(self.name, "")
        async for each in database[JOURNAL].find({"district": self.name}):
            event = (each["type"], each["keys"], each["data"])
            found[each["_id"].removeprefix(self.name)] = repr(event).replace(self.name, "")
        assert found
        return found
