"""The roster service as it is called: over REST and over gRPC, on memory adapters."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from typing import Any

import grpc
import httpx2
import pytest

from coaching.roster.v1 import academic_session_pb2, class_pb2, org_pb2, person_pb2
from coaching.roster.v1 import imports_pb2 as pb
from coaching.roster.v1.academic_session_pb2_grpc import AcademicSessionsServiceStub
from coaching.roster.v1.class_pb2_grpc import ClassesServiceStub
from coaching.roster.v1.imports_pb2_grpc import ImportsServiceStub
from coaching.roster.v1.org_pb2_grpc import OrgsServiceStub
from coaching.roster.v1.person_pb2_grpc import PeopleServiceStub
from services.chassis.edge.http_strict import StrictRequest
from services.roster import bootstrap
from services.roster.imports.oneroster import upload
from services.roster.imports.running import MOST_ARRIVING
from services.roster.imports.starting import MOST_WAITING
from tests.support.edges import as_, meta, over_grpc, over_rest
from tests.support.roster_files import Service, edited, good_files, zipped

V1 = "http://roster/roster/v1"
ZIP = {"Content-Type": "application/zip"}
BAD = edited("orgs.csv", "school-2,,Second,school", "school-2,,Second,canary")


@asynccontextmanager
async def rest(service: Service, person: str = "admin-1") -> AsyncIterator[httpx2.AsyncClient]:
    routers, _ = bootstrap.edges(service.ports)
    async with over_rest(routers, bootstrap.policies()) as client:
        client.headers.update(as_(person))
        yield client


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[grpc.aio.Channel]:
    _, rpcs = bootstrap.edges(service.ports)
    async with over_grpc(rpcs, bootstrap.policies()) as channel:
        yield channel


@asynccontextmanager
async def rpc(service: Service) -> AsyncIterator[Any]:
    async with served(service) as channel:
        yield ImportsServiceStub(channel)


def chunks(data: bytes, size: int = 700, **first: Any) -> Iterator[pb.ImportRosterRequest]:
    yield pb.ImportRosterRequest(chunk=data[:size], **first)
    for at in range(size, len(data), size):
        yield pb.ImportRosterRequest(chunk=data[at : at + size])


async def carried_out(service: Service, client: httpx2.AsyncClient, packed: bytes) -> Any:
    """The import of a file, at its end."""
    answer = await client.post(f"{V1}/imports", content=packed, headers=ZIP)
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting"), answer.text
    assert await service.runner.round() == 1
    answer = await client.get(f"http://roster{answer.headers['location']}")
    assert (answer.status_code, answer.json()["state"]) == (200, "done"), answer.text
    return answer.json()


async def test_a_zip_is_larger_than_other_bodies_and_its_report_is_told() -> None:
    packed = zipped({**BAD, "other.bin": random.Random(1).randbytes(400_000)})
    service = Service()
    async with rest(service) as client:
        job = await carried_out(service, client, packed)
    report = job["report"]
    assert (job["size"], job["done"], job["by"]) == (len(packed), 11, "person:admin-1")
    assert report["counts"]["orgs"] == {
        **dict.fromkeys(("changed", "unchanged", "removed", "held"), 0),
        "created": 2,
        "rejected": 1,
    }
    assert report["totals"] == [{"file": "orgs.csv", "code": "bad_value", "count": 1}]
    assert report["problems"][0] == {
        "file": "orgs.csv",
        "line": 4,
        "column": "type",
        "code": "bad_value",
        "reason": "The value is not one that OneRoster has for this column. There are department, "
        "district, local, national, school, state, or ext: and a name of your own.",
    }
    assert report["problem_count"] == len(report["problems"]) == 1
    assert "canary" not in str(job)


async def test_notes_are_told_beside_the_problems() -> None:
    packed = zipped(edited("users.csv", "coach-1,true", "coach-1,TRUE"))
    service = Service()
    async with rest(service) as client:
        job = await carried_out(service, client, packed)
        table = await client.get(f"{V1}/imports/{job['import_id']}/report")
    assert job["report"]["problem_count"] == 0
    told = {"file": "users.csv", "column": "enabledUser", "code": "letter_case", "rows": 1}
    assert [{**each, "reason": ""} for each in job["report"]["notes"]] == [{**told, "reason": ""}]
    assert table.headers["content-type"].startswith("text/csv")
    head, row = table.text.splitlines()
    assert head == "kind,file,line,column,code,count,reason"
    assert row.startswith("note,users.csv,,enabledUser,letter_case,1,")
    async with rpc(service) as stub:
        asked = pb.GetImportRequest(import_id=job["import_id"])
        found = await stub.GetImport(asked, metadata=meta("admin-1"))
    notes = found.report.notes
    assert [{name: getattr(each, name) for name in told} for each in notes] == [told]


async def test_validation_is_a_parameter_and_changes_nothing() -> None:
    service = Service()
    async with rest(service) as client:
        answer = await client.post(
            f"{V1}/imports?validate_only=true", content=zipped(good_files()), headers=ZIP
        )
        assert answer.json()["validate_only"] is True
        await service.runner.round()
        job = (await client.get(f"http://roster{answer.headers['location']}")).json()
    assert job["report"]["counts"]["people"]["created"] == 4
    assert (job["state"], job["done"], job["total"]) == ("done", 0, 0)
    assert await service.published() == []


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"no zip", ZIP, 422, "bad_zip"),
        (b"", ZIP, 422, "bad_zip"),
        (b"{}", {"Content-Type": "application/json"}, 415, "unsupported_media_type"),
        (
            b"PK",
            {"Content-Type": "application/zip", "Content-Length": "300000000"},
            413,
            "too_large",
        ),
    ],
)
async def test_a_bad_upload_is_a_problem(
    content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    async with rest(Service()) as client:
        answer = await client.post(f"{V1}/imports", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_who_may_not_import_is_told_so_before_the_body_is_looked_at() -> None:
    async with rest(Service(), "teacher-1") as client:
        answer = await client.post(f"{V1}/imports", content=b"no zip", headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


class Stalled:
    """An upload whose second piece comes when it is told to."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._data[:2]
        self.begun.set()
        await self.goes_on.wait()
        yield self._data[2:]

    async def requests(self) -> AsyncIterator[pb.ImportRosterRequest]:
        async for each in self.chunks():
            yield pb.ImportRosterRequest(chunk=each)


async def test_an_upload_that_stalls_keeps_nobody_waiting() -> None:
    service, packed = Service(), zipped(good_files())
    stalled = Stalled(packed)
    async with rest(service, "admin-1@south") as south, rest(service) as north:
        first = asyncio.create_task(
            south.post(f"{V1}/imports", content=stalled.chunks(), headers=ZIP)
        )
        await stalled.begun.wait()
        for client in (north, south):
            answer = await client.post(f"{V1}/imports", content=packed, headers=ZIP)
            assert answer.status_code == 202, answer.text
        stalled.goes_on.set()
        assert (await first).status_code == 202


async def test_a_stream_that_stalls_keeps_nobody_waiting() -> None:
    service, packed = Service(), zipped(good_files())
    stalled = Stalled(packed)
    async with rpc(service) as stub:
        first = stub.ImportRoster(stalled.requests(), metadata=meta("admin-1@south"))
        await stalled.begun.wait()
        for person in ("admin-1", "admin-1@south"):
            await stub.ImportRoster(chunks(packed), metadata=meta(person))
        stalled.goes_on.set()
        assert (await first).state == "waiting"


async def test_what_stalls_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "RECEIVE_SECONDS", 0.0)
    service = Service()
    async with rest(service) as client:
        answer = await client.post(f"{V1}/imports", content=Stalled(b"PK").chunks(), headers=ZIP)
    assert (answer.status_code, answer.json()["code"]) == (408, "body_too_slow")
    async with rpc(service) as stub:
        for stalling in (Stalled(b"PK").requests(), never()):
            with pytest.raises(grpc.aio.AioRpcError, match="did not arrive in time"):
                await stub.ImportRoster(stalling, metadata=meta("admin-1"))
    monkeypatch.undo()
    assert (await service.load(good_files())).counts["people"].created == 4


async def never() -> AsyncIterator[pb.ImportRosterRequest]:
    await asyncio.Event().wait()
    yield pb.ImportRosterRequest()


async def test_a_few_imports_of_a_district_wait_and_more_are_told_to_come_back() -> None:
    service, packed = Service(), zipped(good_files())
    async with rest(service) as client, rest(service, "admin-1@south") as south:
        for number in range(MOST_WAITING):
            files = edited("orgs.csv", "Second", f"Second {number}")
            answer = await client.post(f"{V1}/imports", content=zipped(files), headers=ZIP)
            assert answer.status_code == 202
        answer = await client.post(f"{V1}/imports", content=packed, headers=ZIP)
        assert (answer.status_code, answer.json()["code"]) == (429, "imports_waiting")
        assert int(answer.headers["retry-after"]) > 0
        async with rpc(service) as stub:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.ImportRoster(chunks(packed), metadata=meta("admin-1"))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        answer = await south.post(f"{V1}/imports", content=packed, headers=ZIP)
        assert answer.status_code == 202
        await service.runner.round()
        await service.runner.round()
        answer = await client.post(f"{V1}/imports", content=packed, headers=ZIP)
        assert answer.status_code == 202


async def test_the_same_file_again_is_the_same_import_while_it_waits() -> None:
    service, packed = Service(), zipped(good_files())
    async with rest(service) as client:

        async def send(query: str = "") -> str:
            answer = await client.post(f"{V1}/imports{query}", content=packed, headers=ZIP)
            return str(answer.json()["import_id"])

        first = await send()
        assert await send() == first
        tried = await send("?validate_only=true")
        for _ in range(2):
            await service.runner.round()
        service.clock.forward(seconds=1)
        again = await send()
        listed = (await client.get(f"{V1}/imports")).json()["imports"]
    assert {each["import_id"] for each in listed} == {first, tried, again}
    assert len({first, tried, again}) == 3


async def test_when_its_source_was_asked_is_told_of_an_import_unless_that_is_to_come() -> None:
    service = Service()
    now = service.clock.now()
    at = {"before": now - timedelta(hours=1), "to come": now + timedelta(minutes=6)}
    said = {name: each.isoformat().replace("+00:00", "Z") for name, each in at.items()}
    packed = zipped(good_files())
    async with rest(service) as client:
        path = f"{V1}/imports?asked_at="
        made = await client.post(f"{path}{said['before']}", content=packed, headers=ZIP)
        assert made.json()["asked_at"] == said["before"]
        assert made.json()["changes"] is False
        refused = await client.post(f"{path}{said['to come']}", content=packed, headers=ZIP)
        assert (refused.status_code, refused.json()["code"]) == (422, "asked_at_to_come")
        (listed,) = (await client.get(f"{V1}/imports")).json()["imports"]
        assert listed["asked_at"] == said["before"]
    await service.runner.round()
    async with rpc(service) as stub:
        first = pb.ImportRosterRequest(chunk=packed)
        first.asked_at.FromDatetime(at["before"])
        sent = await stub.ImportRoster(iter([first]), metadata=meta("admin-1"))
        assert sent.asked_at.ToDatetime(UTC) == at["before"]
        for year in (1990, 9000):
            first.asked_at.FromDatetime(now.replace(year=year))
            with pytest.raises(grpc.aio.AioRpcError) as refused_too:
                await stub.ImportRoster(iter([first]), metadata=meta("admin-1"))
            assert refused_too.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_imports_of_another_district_look_missing_and_others_may_not_look() -> None:
    service = Service()
    async with rest(service) as client, rest(service, "admin-1@south") as south:
        job = await carried_out(service, client, zipped(good_files()))
        for path in (f"imports/{job['import_id']}", f"imports/{job['import_id']}/report"):
            assert (await south.get(f"{V1}/{path}")).status_code == 404
        assert (await south.get(f"{V1}/imports")).json()["imports"] == []
    async with rest(service, "teacher-1") as teacher:
        for path in ("imports", f"imports/{job['import_id']}"):
            assert (await teacher.get(f"{V1}/{path}")).status_code in (403, 404)


async def test_uploads_of_one_district_are_few() -> None:
    service = Service()
    stalled = [Stalled(b"PK") for _ in range(MOST_ARRIVING)]
    async with rest(service) as client:
        waiting = [
            asyncio.create_task(client.post(f"{V1}/imports", content=each.chunks(), headers=ZIP))
            for each in stalled
        ]
        for each in stalled:
            await each.begun.wait()
        answer = await client.post(f"{V1}/imports", content=b"PK", headers=ZIP)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_uploads")
        for each in stalled:
            each.goes_on.set()
        await asyncio.gather(*waiting)
        answer = await client.post(f"{V1}/imports", content=b"PK", headers=ZIP)
        assert answer.json()["code"] == "bad_zip"


async def test_a_key_does_not_bring_the_zip_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrictRequest, "body", None)
    headers = {**ZIP, "Idempotency-Key": "k"}
    async with rest(Service()) as client:
        answer = await client.post(f"{V1}/imports", content=zipped(good_files()), headers=headers)
    assert answer.status_code == 202


async def test_the_same_over_grpc() -> None:
    service = Service()
    async with served(service) as channel:
        stub: Any = ImportsServiceStub(channel)
        packed = zipped(BAD)
        for only in (True, False):
            service.clock.forward(seconds=1)
            sent = await stub.ImportRoster(
                chunks(packed, validate_only=only), metadata=meta("admin-1")
            )
            assert (sent.state, sent.HasField("report")) == ("waiting", False)
            await service.runner.round()
            asked = pb.GetImportRequest(import_id=sent.import_id)
            report = (await stub.GetImport(asked, metadata=meta("admin-1"))).report
            assert (report.validate_only, report.counts["people"].created) == (only, 4)
        assert (report.problems[0].line, report.problems[0].code) == (4, "bad_value")
        listed = await stub.ListImports(pb.ListImportsRequest(), metadata=meta("admin-1"))
        assert [(each.state, each.validate_only) for each in listed.imports] == [
            ("done", False),
            ("done", True),
        ]
        stub = PeopleServiceStub(channel)
        person = await stub.GetPerson(
            person_pb2.GetPersonRequest(person_id="teacher-1"), metadata=meta("teacher-1")
        )
        assert (person.given_name, person.etag) == ("Annie", '"1"')
        people = await stub.ListPeople(
            person_pb2.ListPeopleRequest(role="teacher", page_size=1), metadata=meta("admin-1")
        )
        assert [each.person_id for each in people.people] == ["teacher-1"]
        rest_of = await stub.ListPeople(
            person_pb2.ListPeopleRequest(role="teacher", page_token=people.next_page_token),
            metadata=meta("admin-1"),
        )
        assert [each.person_id for each in rest_of.people] == ["teacher-2"]
        classes = await ClassesServiceStub(channel).ListClasses(
            class_pb2.ListClassesRequest(teacher_id="teacher-2"), metadata=meta("teacher-2")
        )
        assert [each.class_id for each in classes.classes] == ["class-1", "class-2"]
        orgs = await OrgsServiceStub(channel).ListOrgs(
            org_pb2.ListOrgsRequest(), metadata=meta("coach-1")
        )
        assert len(orgs.orgs) == 2
        sessions = await AcademicSessionsServiceStub(channel).ListAcademicSessions(
            academic_session_pb2.ListAcademicSessionsRequest(), metadata=meta("coach-1")
        )
        assert len(sessions.sessions) == 3


@pytest.mark.parametrize(
    ("person", "data", "code"),
    [
        ("admin-1", b"no zip", grpc.StatusCode.INVALID_ARGUMENT),
        ("teacher-1", b"no zip", grpc.StatusCode.PERMISSION_DENIED),
    ],
)
async def test_a_bad_stream_is_an_error(person: str, data: bytes, code: grpc.StatusCode) -> None:
    async with rpc(Service()) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ImportRoster(chunks(data), metadata=meta(person))
    assert caught.value.code() is code


async def test_an_empty_stream_is_no_zip() -> None:
    async with rpc(Service()) as stub:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.ImportRoster(iter(()), metadata=meta("admin-1"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
