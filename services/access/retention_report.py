"""What a service says that it has found of a class of records that is kept for a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from services.chassis.kernel import Aggregate
from services.chassis.write.states import AggregateCodec, encoded
from services.chassis.write.write_path import EncodedEvent

REPORTED = "reported"


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """Behind the record `after` (by id) of a school year; 0 and empty: at the beginning."""

    school_year: int = 0
    after: str = ""


START = KeptPlace()


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many records of a school year there are."""

    school_year: int
    records: int


@dataclass(kw_only=True)
class RetentionReport(Aggregate):
    """What a service has found last of the class of records `of`, of which a district has one such
    report. The numbers are those of `RetentionReport` in its events. `place`: where it goes on, in
    this round or with the next one. `began`: where the round began."""

    retention: str
    of: str
    round: int
    at: datetime
    years: tuple[YearCount, ...] = ()
    due: int = 0
    held: int = 0
    later: int = 0
    erased: int = 0
    complete: bool = True
    place: KeptPlace = START
    began: KeptPlace = START

    def said(self) -> RetentionReport:
        """Its first event."""
        self.record(REPORTED)
        return self

    def say(self, other: RetentionReport) -> None:
        """The same as of another round; nothing of one that was before."""
        if other.at < self.at:
            return
        self.retention, self.round, self.at = other.retention, other.round, other.at
        self.years, self.due, self.held = other.years, other.due, other.held
        self.later, self.erased, self.complete = other.later, other.erased, other.complete
        self.place, self.began = other.place, other.began
        self.record(REPORTED)


def reports_of(reported: Callable[..., Message]) -> AggregateCodec[RetentionReport]:
    """Those of a service, by what it publishes of them: its own message `RetentionReported`."""

    def encode(report: RetentionReport, _: Any) -> EncodedEvent:
        said = {
            "retention_id": report.retention,
            "round": report.round,
            "record": report.of,
            "years": [
                {"school_year": each.school_year, "records": each.records} for each in report.years
            ],
            "due": report.due,
            "held": report.held,
            "later": report.later,
            "erased": report.erased,
            "complete": report.complete,
        }
        return encoded(reported(report=said), (f"{report.district}:{report.id}",))

    return AggregateCodec("retention_report", RetentionReport, encode, [_from_the_beginning])


def _from_the_beginning(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says where it goes on."""
    start = {"school_year": 0, "after": ""}
    return {**state, "place": start, "began": start}
