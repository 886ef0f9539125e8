"""An import is carried out to its end, wherever it is cut short, as if it had not been."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.access.districts import OwnRoles
from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Fault, Kind
from services.chassis.write.memory_documents import MemoryDocuments
from services.roster.imports import runner as running
from services.roster.imports.jobs import Job, JobState
from services.roster.imports.oneroster.upload import UploadedZip, receive
from services.roster.imports.roster_file import KnownRecords, ParsedRoster
from services.roster.imports.runner import LEASE, MOST_TRIES, ImportRunner
from services.roster.imports.starting import start_import
from tests.support.roster_files import Files, Service, call_for, edited, good_files, zipped
from tests.support.roster_nights import NIGHTS, RENAMED

HELD = int(LEASE.total_seconds())
PLACES = 20


async def send(service: Service, files: Files, district: str = "north", **options: bool) -> str:
    async def chunks() -> Any:
        yield zipped(files)

    asked: dict[str, Any] = {"validate_only": False, "allow_removals": True, **options}
    call = call_for("import_roster", "admin-1", district=district)
    with await receive(chunks()) as file:
        return (await start_import(service.ports.imports, call, file, **asked)).id


async def found(service: Service, job_id: str, district: str = "north") -> Job:
    job = await service.jobs.get(district, job_id)
    assert job is not None
    return job


def stored(service: Service) -> dict[str, Any]:
    assert isinstance(service.documents, MemoryDocuments)
    return {
        key: (each.document.version, {**each.document.state, "proposed_at": None})
        for key, each in service.documents._stored.items()
    }


async def night(before: Files | None, files: Files) -> tuple[Service, str]:
    service = Service()
    if before is not None:
        await service.load(before)
        await service.published()
    return service, await send(service, files)


class Cut:
    """Lets the process die at the place of that number."""

    def __init__(self, place: int) -> None:
        self.left = place

    def __call__(self, name: str) -> None:
        if name in ("W1", "W2"):
            self.left -= 1
            if self.left < 0:
                raise Crashed


ALL_NIGHTS = {**NIGHTS, "renamed": RENAMED}


@pytest.mark.parametrize("name", ALL_NIGHTS)
async def test_killed_at_any_place_it_ends_as_if_it_had_not_been(name: str) -> None:
    before, files = ALL_NIGHTS[name]
    uncut, job_id = await night(before, files)
    counting = Cut(10_000)
    with crashing(counting):
        assert await uncut.runner.round() == 1
    whole, events = stored(uncut), await uncut.published()
    places = 10_000 - counting.left
    assert places >= 8
    for place in random.Random(name).sample(range(places), min(PLACES, places)):
        service, cut = await night(before, files)
        with pytest.raises(Crashed), crashing(Cut(place)):
            await service.runner.round()
        other = ImportRunner(service.ports.imports)
        assert await other.round() == 0, "somebody may still be at it"
        service.clock.forward(seconds=HELD)
        assert await other.round() == 1
        job, expected = await found(service, cut), await found(uncut, job_id)
        assert (job.state, job.report) == (JobState.DONE, expected.report), place
        assert stored(service) == whole, place
        assert await service.published() == events, place
        assert service.jobs.files == {}


async def test_killed_again_and_again_it_comes_to_its_end_on_the_day_on_which_it_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service, job_id = await night(*NIGHTS["first"])
    read, days = UploadedZip.read, list[str]()

    async def noted(
        file: UploadedZip, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        days.append(today)
        return await read(file, district, today, own, known)

    monkeypatch.setattr(UploadedZip, "read", noted)
    service.clock.forward(seconds=3_600 * 8)  # shortly before midnight
    for place in (1, 2, 3):
        with pytest.raises(Crashed), crashing(Cut(place)):
            await service.runner.round()
        service.clock.forward(seconds=HELD)
    service.clock.forward(days=1)
    assert await service.runner.round() == 1
    job = await found(service, job_id)
    assert (job.state, job.tries, days) == (JobState.DONE, 4, [job.day] * 4)
    assert job.report is not None
    assert job.report["counts"]["people"]["created"] == 4


async def test_what_never_ends_is_given_up() -> None:
    service, job_id = await night(*NIGHTS["first"])
    for _ in range(MOST_TRIES):
        with pytest.raises(Crashed), crashing(Cut(0)):
            await service.runner.round()
        service.clock.forward(seconds=HELD)
    await service.runner.round()
    job = await found(service, job_id)
    assert (job.state, job.code) == (JobState.FAILED, "never_ended")
    assert await service.runner.round() == 0


async def test_the_imports_of_a_district_run_one_after_the_other() -> None:
    service = Service()
    first = await send(service, good_files())
    service.clock.forward(seconds=1)
    second = await send(service, edited("orgs.csv", "Second", "2nd"))
    other = await send(service, good_files(), "south")
    with pytest.raises(Crashed), crashing(Cut(0)):
        await service.runner.round()
    assert await service.runner.round() == 1
    assert (await found(service, other, "south")).state is JobState.DONE
    assert (await found(service, second)).state is JobState.WAITING
    assert await service.runner.round() == 0
    service.clock.forward(seconds=HELD)
    assert [await service.runner.round() for _ in range(3)] == [1, 1, 0]
    ended = [(await found(service, each)).ended_at for each in (first, second)]
    assert None not in ended
    org = await service.ports.imports.orgs.get("north", "north/org/school-2")
    assert org is not None
    assert org.name == "2nd"


async def test_an_outage_is_waited_out_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    service, job_id = await night(*NIGHTS["first"])
    find = service.ports.imports.orgs.find

    async def away(*_: Any) -> Any:
        raise Fault(Kind.UNAVAILABLE, "store_unavailable", "Try again.")

    with monkeypatch.context() as broken:
        broken.setattr(service.ports.imports.orgs, "find", away)
        for _ in range(2 * MOST_TRIES):
            await service.runner.round()
            assert (await found(service, job_id)).state is JobState.RUNNING
            service.clock.forward(seconds=HELD)
    assert service.ports.imports.orgs.find == find
    await service.runner.round()
    assert (await found(service, job_id)).state is JobState.DONE


async def test_a_file_that_is_not_there_as_it_was_fails_it() -> None:
    service, job_id = await night(*NIGHTS["first"])
    service.jobs.files[job_id] = {0: b"PK"}
    await service.runner.round()
    job = await found(service, job_id)
    assert (job.state, job.code) == (JobState.FAILED, "file_gone")


async def test_who_has_lost_an_import_that_fails_goes_on_with_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service, job_id = await night(*NIGHTS["first"])
    service.jobs.files[job_id] = {0: b"PK"}

    async def lost(*_: Any) -> bool:
        return False

    monkeypatch.setattr(service.jobs, "hold", lost)
    assert await service.runner.round() == 1
    assert (await found(service, job_id)).state is JobState.RUNNING


async def test_what_was_settled_to_change_nothing_does_so_whatever_is_set_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = good_files()
    for number in range(8):
        before["users.csv"] += f"aide-{number},true,u,Given,Family,\n"
        before["roles.csv"] += f"ra{number},aide-{number},primary,aide,school-1,,\n"
    service = Service()
    await service.load(before)
    was = stored(service)
    job_id = await send(service, good_files(), allow_removals=False)

    async def killed(*_: Any) -> bool:
        raise Crashed

    with monkeypatch.context() as dying:
        dying.setattr(service.jobs, "settle", killed)
        with pytest.raises(Crashed):
            await service.runner.round()
    job = await found(service, job_id)
    assert job.report is not None
    assert job.report["stopped"]
    service.clock.forward(seconds=HELD)
    assert await ImportRunner(replace(service.ports.imports, most_removals=1.0)).round() == 1
    job = await found(service, job_id)
    assert (job.state, job.code) == (JobState.FAILED, "settings_changed")
    assert stored(service) == was


async def test_a_slow_store_is_no_slow_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    service, job_id = await night(*NIGHTS["first"])
    monkeypatch.setattr("services.roster.imports.oneroster.upload.RECEIVE_SECONDS", 0.0)
    await service.runner.round()
    assert (await found(service, job_id)).state is JobState.DONE


class Slow:
    """A file that is read when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()
        read = UploadedZip.read

        async def slow(
            file: UploadedZip, district: str, today: str, own: OwnRoles, known: KnownRecords
        ) -> ParsedRoster:
            self.begun.set()
            await self.goes_on.wait()
            return await read(file, district, today, own, known)

        monkeypatch.setattr(UploadedZip, "read", slow)


async def test_a_process_that_ends_lets_another_go_on_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.chassis.rounds.STOP_SECONDS", 0.0)
    service, job_id = await night(*NIGHTS["first"])
    slow, stop = Slow(monkeypatch), asyncio.Event()
    role = asyncio.create_task(service.runner.run(stop))
    await slow.begun.wait()
    assert await ImportRunner(service.ports.imports).round() == 0
    stop.set()
    await role
    slow.goes_on.set()
    assert await ImportRunner(service.ports.imports).round() == 1
    job = await found(service, job_id)
    assert (job.state, job.tries) == (JobState.DONE, 1)


async def test_who_has_lost_an_import_writes_no_more_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "HOLD_SECONDS", 0.0)
    service, job_id = await night(*NIGHTS["first"])
    slow = Slow(monkeypatch)
    hold = service.jobs.hold

    async def deaf(*args: Any, **more: Any) -> bool:
        return True if not slow.goes_on.is_set() else await hold(*args, **more)

    monkeypatch.setattr(service.jobs, "hold", deaf)
    first = asyncio.create_task(service.runner.round())
    await slow.begun.wait()
    now = service.clock.now() + LEASE
    assert await service.jobs.take(now, now + timedelta(hours=1), "another") is not None
    slow.goes_on.set()
    assert await first == 1
    assert stored(service) == {}
    assert (await found(service, job_id)).state is JobState.RUNNING


async def test_how_far_it_is_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    service, job_id = await night(*NIGHTS["first"])
    told: list[Mapping[str, Any]] = []
    hold = service.jobs.hold

    async def heard(*args: Any) -> bool:
        told.append(args[3])
        return await hold(*args)

    monkeypatch.setattr(service.jobs, "hold", heard)
    await service.runner.round()
    assert told[0]["total"] == 12
    job = await found(service, job_id)
    assert (job.done, job.total, job.phase) == (12, 12, None)
