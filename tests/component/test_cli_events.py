"""`tandem events tail`: what passes, decoded, as people and machines read it."""

import json
import re
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from coaching.roster.v1 import events_pb2 as roster
from services.assembly.registry import LOOKS, SERVICES, WRITE_SERVICES
from services.chassis.log import tail as log
from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.chassis.log.source import SourceDown
from services.ctl import docs_events
from services.ctl.__main__ import run
from services.ctl.event_text import event_types
from services.ctl.exits import Exit
from services.ctl.protos import read_proto
from tests.support.golden import golden_events

MOMENT = datetime(2026, 11, 19, 20, tzinfo=UTC)
ACTIVATED, UPSERTED = "coaching.goals.v1.GoalActivated", "coaching.roster.v1.PersonUpserted"
GARBAGE = Record("coaching.goals.v1", 3, 17, b"north:teacher-1", b"x", [])

Read = Callable[[], tuple[str, str]]
Publish = Callable[[Sequence[Record]], list[tuple[str, ...]]]


def record(type_: str, data: bytes, key: str = "north:teacher-1", version: int = 7) -> Record:
    service = type_.split(".")[1]
    event = PendingEvent(version, f"a:{version}", type_, (key,), data, MOMENT, year=2027)
    district = key.partition(":")[0]
    said = headers_of(
        event, source=SERVICES[service].source, district=district, aggregate_id="a", key=key
    )
    return Record(SERVICES[service].topic, 3, version, key.encode(), data, said)


def golden() -> list[Record]:
    assert event_types()
    return [
        record(each.type, each.data, each.keys[0])
        for service in WRITE_SERVICES
        for each in golden_events(service)
    ]


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a Kafka takes connections: a command waits for one that does not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = "127.0.0.1:{1}".format(*listening.getsockname())
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", found)
        yield found


@pytest.fixture
def published(address: str, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """What a Kafka publishes, in a batch; gives the topics that were asked for."""

    def publish(records: Sequence[Record]) -> list[tuple[str, ...]]:
        asked = []

        async def tail(
            servers: str, topics: Sequence[str], proof: Any
        ) -> AsyncGenerator[Sequence[Record]]:
            assert servers == address
            asked.append(tuple(topics))
            yield ()
            yield [each for each in records if each.topic in topics]

        monkeypatch.setattr(log, "tail", tail)
        return asked

    return publish


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    def both() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return both


def tailed(read: Read, *options: str) -> list[str]:
    assert run(["events", "tail", *options]) == Exit.OK
    return read()[0].splitlines()


def test_every_type_of_event_is_known() -> None:
    stated = {
        f"{proto.package}.{event.name}"
        for service in (*WRITE_SERVICES, LOOKS.split(".")[1])
        for proto in map(read_proto, docs_events.event_files(service))
        for event in docs_events.events_of(proto)
    }
    assert event_types() == stated


def test_each_event_is_a_line_that_says_what_it_says(published: Publish, read: Read) -> None:
    records = golden()
    asked = published(records)
    assert run(["events", "tail"]) == Exit.OK
    out, err = read()
    assert asked == [tuple(SERVICES[each].topic for each in WRITE_SERVICES)]
    assert err.startswith("listening to coaching.roster.v1, ")
    lines = out.splitlines()
    assert len(lines) == len(records)
    (line,) = [each for each in lines if "GoalActivated" in each]
    assert re.match(r"\d\d:\d\d:\d\d  goals +GoalActivated +north:teacher-1  v7  ", line)
    for said in ("focus_skill=questioning", "state=GOAL_STATE_ACTIVE", "target=60.0"):
        assert said in line


def test_as_json_each_is_an_object_on_a_line(published: Publish, read: Read) -> None:
    published(golden())
    lines = tailed(read, "--json", "--type", "GoalActivated")
    told = json.loads(lines[0])
    data = told.pop("data")["goal"]
    assert (len(lines), data["target"], data["state"]) == (1, 60.0, "GOAL_STATE_ACTIVE")
    assert told == {
        "topic": "coaching.goals.v1",
        "partition": 3,
        "offset": 7,
        "id": "a:7",
        "type": ACTIVATED,
        "service": "goals",
        "district": "north",
        "about": "teacher-1",
        "aggregate_id": "a",
        "version": 7,
        "time": "2026-11-19T20:00:00+00:00",
        "school_year": 2027,
        "correlation_id": "",
    }


def test_filters_leave_what_was_asked_for(published: Publish, read: Read) -> None:
    keys = ("north:teacher-1", "north:teacher-2", "south:teacher-1")
    kinds = (ACTIVATED, "coaching.goals.v1.GoalAchieved", UPSERTED)
    asked = published([record(kind, b"", key) for kind in kinds for key in keys] + [GARBAGE])

    def counted(*options: str) -> int:
        return len(tailed(read, *options))

    assert counted() == 10
    assert counted("--service", "goals") == 7
    assert asked[-1] == ("coaching.goals.v1",)
    assert counted("--service", "goals", "--service", "roster") == 10
    assert counted("--type", "GoalActivated") == 3
    assert counted("--type", "Goal*", "--type", "PersonUpserted") == 9
    assert counted("--teacher", "teacher-1") == 6
    assert counted("--teacher", "teacher-1", "--district", "south", "--type", "Goal*") == 2


def test_what_is_no_event_is_said_with_its_place(published: Publish, read: Read) -> None:
    published([GARBAGE, record(ACTIVATED, b"\xff"), record("coaching.goals.v1.GoalSung", b"")])
    first, second, third = tailed(read)
    assert first == "coaching.goals.v1/3 at 17  unreadable: header ce_id is missing"
    assert second.endswith("v7  undecodable: not such a protobuf message")
    assert third.endswith("v7  unknown: coaching.goals.v1.GoalSung")
    published([GARBAGE])
    (line,) = tailed(read, "--json")
    reason = "unreadable: header ce_id is missing"
    place = {"topic": "coaching.goals.v1", "partition": 3, "offset": 17}
    assert json.loads(line) == {**place, "reason": reason}


def test_what_cannot_be_asked_for_is_refused(published: Publish, read: Read) -> None:
    asked = published([])
    for wrong in (["--service", "insights"], ["--type", "GoalActivate"], ["--type", "goals"]):
        assert run(["events", "tail", *wrong]) == Exit.USAGE
        assert read()[1].count("\n") == 1
    assert not asked


def test_a_kafka_that_is_away_is_one_line(
    published: Publish, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tail(*_: Any) -> AsyncGenerator[Sequence[Record]]:
        raise SourceDown("nobody answers")

    monkeypatch.setattr(log, "tail", tail)
    assert run(["events", "tail"]) == Exit.UNREACHABLE
    assert read() == ("", "tandem: Kafka: nobody answers\n")


def test_on_a_terminal_a_line_is_cut_and_colored_and_stays_a_line(
    published: Publish, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "Keeper \x1b[2J\u202eof\nthe [red]key[/] " * 20
    person = roster.Person(person_id="p", family_name=title)
    data = roster.PersonUpserted(person=person).SerializeToString()
    published([record(UPSERTED, data), record(UPSERTED, data, key="north:\x1b[31m\u202ey")])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm-256color"), ("COLUMNS", "120")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    lines = tailed(read)
    assert len(lines) == 2
    for line in lines:
        assert "\u202e" not in line
        assert "\x1b[2J" not in line
        assert len(re.sub(r"\x1b\[[0-9;]*m", "", line)) == 120
    assert "\x1b[1m" in lines[0]
    assert "\ufffd[31m\ufffdy" in lines[1]
