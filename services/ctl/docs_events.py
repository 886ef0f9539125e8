"""`python -m services.ctl.docs_events [--check]`: writes docs/events.md, from what the code says.

Topics come from the registry, headers from the envelope, messages and their comments from
proto/, examples from the golden files that the contract tests hold the codecs to, and who
reads an event from the projections and duties. With `--check` nothing is written; exit code 1
says that the page is out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.access.projection import FOLDS as ACCESS
from services.assembly.registry import TOPICS, WITH_DUTIES
from services.chassis.log.envelope import PendingEvent, headers_of
from services.chassis.log.topics import PARTITIONS, RETENTION
from services.ctl.duties import duties_of
from services.ctl.protos import Proto, ProtoMessage, read_proto
from services.insights.caseload.fold import FOLDS as CARDS
from services.insights.caseload.ignored import IGNORED

_OF_ALL = [duty for service in WITH_DUTIES for duty in duties_of(service)]
DUTIES = {duty.name: duty for duty in _OF_ALL}.values()  # some are several services'
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/events.md"
GOLDEN = ROOT / "tests/contract/golden"

HEADERS = {
    "content-type": "always this",
    "ce_specversion": "version of CloudEvents",
    "ce_id": "id of the event: aggregate and version; duplicates have the same",
    "ce_type": "full name of the protobuf message in the value",
    "ce_dataschema": "the same as an absolute URI; a record without it is read as well",
    "ce_source": "the service that published it",
    "ce_time": "when it happened, UTC",
    "ce_subject": "id of the aggregate",
    "ce_partitionkey": "the record's key",
    "ce_sequence": "version of the aggregate: 1, 2, 3, ...; the higher one wins",
    "ce_districtid": "the district; a record whose key names another one is refused",
    "ce_dataclassification": "always this: no student, no free text, no demographic value",
    "ce_year": "the calendar year in which the school year ends; absent where there is none",
    "ce_correlationid": "`X-Correlation-Id` of the request; where it had none, the request id "
    "(over gRPC the trace's)",
    "ce_causationid": "the event that this one follows from, where nobody asked for it",
    "ce_devicetime": "when it happened by the clock of a device that was offline: its word, which "
    "puts nothing in order; absent of all else",
    "traceparent": "W3C trace context: the request's, or of its publishing where that is sampled",
}

_INTRO = """\
# Events

This page is generated: change `proto/`, the registry (`services/assembly/registry.py`) or the
examples (`tests/contract/golden`), then run `python -m services.ctl.docs_events`.
`tests/contract/test_docs.py` fails while the page is out of date.

Each service publishes what has happened to its aggregates. An event carries the **whole
published state** of its aggregate and the aggregate's version, so a consumer keeps the newest
version and ignores the rest. Duplicates may occur. First occurrences of one aggregate's events
come in the order of their versions.

No event names a student, holds free text or a demographic value. Names of staff stand in
roster events alone.

[asyncapi.json](asyncapi.json) says the same to programs, as an AsyncAPI 3 document: topics,
headers, and each message with its schema. A local stack serves it beside this page.

"""
# A program that the tests run, in the language of its block.
_CONSUMERS = {
    "python": "clients/python/examples/consume.py",
    "js": "clients/typescript/examples/consume.mjs",
}


def page() -> str:
    """The whole page. Raises ValueError where an event has no example or a header no meaning."""
    parts = [_INTRO, _topics(), _record(), _consumers()]
    for topic, meaning in TOPICS.items():
        parts.append(_topic(topic, meaning))
    return "".join(parts)


def _topics() -> str:
    rows = [
        (f"[`{topic}`](#{topic.replace('.', '')})", meaning, str(PARTITIONS), f"{RETENTION.days}")
        for topic, meaning in TOPICS.items()
    ]
    return (
        "## Topics\n\n"
        + _table(("topic", "what its events tell", "partitions", "days kept"), rows)
        + "\nAll topics have the same number of partitions and the same kind of key, so one\n"
        "partition number holds all there is about a teacher. Retention deletes; compaction must\n"
        "stay off, since a late duplicate of an older version would be the one that survives.\n"
        "History beyond the retention is in each service's journal "
        "(`coaching.journal.v1.JournalService`).\n\n"
    )


def _record() -> str:
    event = PendingEvent(
        version=3,
        event_id="5f0c9a4e-0000-4000-8000-000000000001:3",
        type="coaching.goals.v1.GoalProgressRecorded",
        keys=("north:teacher-1",),
        data=b"",
        occurred_at=datetime(2026, 10, 12, 15, 0, tzinfo=UTC),
        year=2027,
        trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        correlation="import-7",
        causation="5f0c9a4e-0000-4000-8000-000000000009:2",
        made_at=datetime(2026, 10, 10, 8, 30, tzinfo=UTC),
    )
    headers = headers_of(
        event,
        source="/tandem/goals",
        district="north",
        aggregate_id="5f0c9a4e-0000-4000-8000-000000000001",
        key="north:teacher-1",
    )
    if {name for name, _ in headers} != HEADERS.keys():
        raise ValueError("HEADERS does not explain exactly the headers of an event")
    rows = [(f"`{name}`", f"`{value.decode()}`", HEADERS[name]) for name, value in headers]
    return (
        "## A record\n\n"
        "CloudEvents 1.0, Kafka binary mode. The value is the bare protobuf message.\n\n"
        "The key is `district:teacher`. An event that concerns several teachers is published once\n"
        "for each of them, one who has just left included. An event that concerns no teacher is\n"
        "keyed `district:aggregate`.\n\n" + _table(("header", "example", "meaning"), rows) + "\n"
    )


def _consumers() -> str:
    blocks = [
        f"`{path}`:\n\n```{language}\n{(ROOT / path).read_text()}```\n\n"
        for language, path in _CONSUMERS.items()
    ]
    return (
        "## Consumers\n\n"
        "For whoever may read all districts' topics: the platform's operator, or the one district\n"
        "that has it for itself ([partners.md](partners.md#following-events)). Both programs keep\n"
        "the newest version of what a key tells of an aggregate, pass over types that they do not\n"
        "know, and commit after they have done with it, so that nothing is missed and what comes\n"
        "twice changes nothing.\n\n" + "".join(blocks)
    )


def _topic(topic: str, meaning: str) -> str:
    service = topic.split(".")[1]
    lines = [f"## {topic}\n\n", f"{_sentence(meaning)}\n\n"]
    for path in event_files(service):
        lines.extend(_file(service, path))
    return "".join(lines)


def event_files(service: str) -> Sequence[Path]:
    """The proto files that state what a service publishes."""
    return sorted((ROOT / f"proto/coaching/{service}/v1").glob("*events.proto"))


def _file(service: str, path: Path) -> Iterator[str]:
    proto = read_proto(path)
    events = list(events_of(proto))
    lines = [f"{proto.comment}\n\n"]
    lines.append(f"Messages: `{path.relative_to(ROOT)}`.\n\n")
    lines.append(_table(("event", "meaning", "read by"), [_row(proto, one) for one in events]))
    lines.append("\n")
    names = {one.name for one in events}
    for message in proto.messages:
        if message.name not in names:
            lines.append(_fields(message))
    for name, values in proto.enums.items():
        told = ", ".join(f"`{value}`" for value in values)
        lines.append(f"`{name}`: {told}.\n\n")
    for one in events:
        lines.append(_example(service, one))
    yield from lines


def events_of(proto: Proto) -> Iterator[ProtoMessage]:
    """The messages that are published: those with one field, which is another message."""
    known = {each.name for each in proto.messages}
    for message in proto.messages:
        if len(message.fields) == 1 and message.fields[0].type in known:
            yield message


def _row(proto: Proto, event: ProtoMessage) -> tuple[str, str, str]:
    full = f"{proto.package}.{event.name}"
    state = f"[`{event.fields[0].type}`](#{event.fields[0].type.lower()})"
    meaning = f"{event.comment} State: {state}" if event.comment else f"State: {state}"
    readers = []
    if full in CARDS:
        readers.append("insights")
    elif full in IGNORED:
        readers.append(f"not insights ({IGNORED[full]})")
    if full in ACCESS:
        readers.append("access of every service")
    readers += [f"duty `{each.name}`" for each in DUTIES if full in each.asks]
    return f"[`{event.name}`](#{event.name.lower()})", meaning, ", ".join(readers) or "nobody"


def _fields(message: ProtoMessage) -> str:
    rows = [(f"`{each.name}`", each.type, each.comment) for each in message.fields]
    about = f"{message.comment}\n\n" if message.comment else ""
    return f"### {message.name}\n\n{about}{_table(('field', 'type', 'meaning'), rows)}\n"


def _example(service: str, event: ProtoMessage) -> str:
    path = GOLDEN / service / f"{event.name}.json"
    if not path.exists():
        raise ValueError(f"{event.name} has no example: {path.relative_to(ROOT)}")
    golden: dict[str, Any] = json.loads(path.read_text())
    keys = ", ".join(f"`{key}`" for key in golden["keys"])
    year = f"; school year {golden['school_year']}" if golden["school_year"] else ""
    body = json.dumps(golden["message"], indent=2, ensure_ascii=False)
    about = f"{event.comment} " if event.comment else ""
    records = "Key" if len(golden["keys"]) == 1 else "One record for each of the keys"
    return f"### {event.name}\n\n{about}{records} {keys}{year}.\n\n```json\n{body}\n```\n\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "".join(f"| {line} |\n" for line in lines)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def main(arguments: list[str]) -> int:
    new = page().rstrip("\n") + "\n"
    old = PAGE.read_text() if PAGE.exists() else ""
    if "--check" in arguments:
        if old != new:
            sys.stderr.write("docs/events.md is out of date: python -m services.ctl.docs_events\n")
        return int(old != new)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
