"""A roster that does not come, or whose imports fail, is counted."""

from __future__ import annotations

import pytest

from services.access.districts import District, Districts
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import Metrics
from services.roster.imports.jobs import JobState
from services.roster.imports.lateness import LateRosters
from tests.component.roster.test_roster_jobs import found, send
from tests.support.roster_files import Service, good_files

A_DAY = District(roster_expected_hours=24)


class Looked:
    def __init__(self) -> None:
        self.service, self.metrics = Service(), Metrics()
        districts = Districts({"north": A_DAY, "south": A_DAY, "west": District()})
        jobs, clock = self.service.jobs, self.service.clock
        self.late = LateRosters(districts, jobs, clock, self.metrics)

    def shown(self) -> str:
        told = self.metrics.exposition().decode().splitlines()
        (value,) = [each for each in told if each.startswith("tandem_imports_late ")]
        return value.rpartition(" ")[2]

    async def round(self, **hours: int) -> int:
        self.service.clock.forward(**hours)
        return await self.late.round()


async def test_a_roster_is_late_until_one_was_imported_whole() -> None:
    looked = Looked()
    assert looked.shown() == "0.0"
    assert await looked.round() == 2  # of neither has there been any; of west none is expected
    for district in ("north", "south"):
        await send(looked.service, good_files(), district)
        await looked.service.runner.round()
    assert await looked.round() == 0
    assert await looked.round(hours=24) == 0
    await send(looked.service, good_files(), "north", validate_only=True)  # writes nothing
    await looked.service.runner.round()
    broken = good_files()  # as if nearly everybody had left: it is stopped
    broken["users.csv"] = "".join(broken["users.csv"].splitlines(keepends=True)[:2])
    sent = await send(looked.service, broken, "south", allow_removals=False)
    await looked.service.runner.round()
    job = await found(looked.service, sent, "south")
    assert job.report is not None
    assert (job.state, job.report["stopped"]) == (JobState.DONE, True)
    assert await looked.round(minutes=1) == 2
    assert looked.shown() == "2.0"
    await send(looked.service, good_files(), "north")
    await looked.service.runner.round()
    assert await looked.round() == 1
    assert looked.shown() == "1.0"


async def test_while_the_database_is_away_what_was_seen_last_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = Looked()
    assert await looked.round() == 2

    async def away(district: str) -> None:
        raise Fault(Kind.UNAVAILABLE, "store_unavailable")

    monkeypatch.setattr(looked.service.jobs, "last_good", away)
    with pytest.raises(Fault):
        await looked.round()
    assert looked.shown() == "2.0"
