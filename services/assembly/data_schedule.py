"""The data schedule: what is stored and published, field by field. It stands in
`data_schedule.yaml`."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from services.chassis.strict_yaml import YamlFile

FILE = Path(__file__).with_suffix(".yaml")


class FieldHolds(enum.StrEnum):
    """What a field holds."""

    NAME = "name"
    WORDS = "words"
    PERSON = "person"
    FIGURE = "figure"
    CHOICE = "choice"
    LABEL = "label"
    PLACE = "place"
    TIME = "time"
    KEY = "key"
    TEXT = "text"
    SECRET = "secret"  # noqa: S105 # no password: the kind of field


MEANINGS: Mapping[FieldHolds, str] = {
    FieldHolds.NAME: "the name of a member of staff",
    FieldHolds.WORDS: "what somebody wrote, in words of her own; in no event",
    FieldHolds.PERSON: "the roster id of a member of staff",
    FieldHolds.FIGURE: "a number: a score, a target, a count, a share",
    FieldHolds.CHOICE: "one of a list: a state, a role, a kind",
    FieldHolds.LABEL: "a short label that the author chose, such as a unit",
    FieldHolds.PLACE: "the id of a school or another organization",
    FieldHolds.TIME: "a day, a time or a school year",
    FieldHolds.KEY: "the id of a thing",
    FieldHolds.TEXT: "a text or a title that is about nobody",
    FieldHolds.SECRET: "a key; shown to nobody, and in no event",
}
NEVER_PUBLISHED = frozenset({FieldHolds.WORDS, FieldHolds.SECRET})

Fields = Mapping[FieldHolds, tuple[str, ...]]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScheduledKind(_Said):
    """One kind of aggregate. `read`: the operation that shows it, of another service as
    `service/operation`; `event`: the full name of the
    message that says what is published of it; `stored` and `published`: its fields by what they
    hold, a part's behind its name and a dot."""

    whose: str
    purpose: str
    kept: str
    read: str
    event: str
    stored: Fields
    published: Fields


class ScheduledStore(_Said):
    """A collection."""

    holds: str
    kept: str


class DataSchedule(_Said):
    """`records` by `service/kind`, `stores` by the name of the collection."""

    records: Mapping[str, ScheduledKind]
    stores: Mapping[str, ScheduledStore]


def data_schedule() -> DataSchedule:
    """Raises BadSettings, with the line, where the file does not say it in this form."""
    return YamlFile(str(FILE)).into(DataSchedule)


def shown_by(name: str, record: ScheduledKind) -> tuple[str, str]:
    """The service and the operation that shows a record of this name."""
    service, _, operation = record.read.rpartition("/")
    return service or name.partition("/")[0], operation


def names_of(fields: Fields) -> Iterator[str]:
    for names in fields.values():
        yield from names
