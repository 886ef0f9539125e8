"""The data schedule: what is stored and published, field by field. It stands in
`data_schedule.yaml`."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from services.chassis.strict_yaml import YamlFile

FILE = Path(__file__).with_suffix(".yaml")


class Holds(enum.StrEnum):
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


MEANINGS: Mapping[Holds, str] = {
    Holds.NAME: "the name of a member of staff",
    Holds.WORDS: "what somebody wrote, in words of her own; in no event",
    Holds.PERSON: "the roster id of a member of staff",
    Holds.FIGURE: "a number: a score, a target, a count, a share",
    Holds.CHOICE: "one of a list: a state, a role, a kind",
    Holds.LABEL: "a short label that the author chose, such as a unit",
    Holds.PLACE: "the id of a school or another organization",
    Holds.TIME: "a day, a time or a school year",
    Holds.KEY: "the id of a thing",
    Holds.TEXT: "a text or a title that is about nobody",
    Holds.SECRET: "a key; shown to nobody, and in no event",
}
NEVER_PUBLISHED = frozenset({Holds.WORDS, Holds.SECRET})

Fields = Mapping[Holds, tuple[str, ...]]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Record(_Said):
    """One kind of aggregate. `read`: the operation that shows it; `event`: the full name of the
    message that says what is published of it; `stored` and `published`: its fields by what they
    hold, a part's behind its name and a dot."""

    whose: str
    purpose: str
    kept: str
    read: str
    event: str
    stored: Fields
    published: Fields


class Store(_Said):
    """A collection."""

    holds: str
    kept: str


class DataSchedule(_Said):
    """`records` by `service/kind`, `stores` by the name of the collection."""

    records: Mapping[str, Record]
    stores: Mapping[str, Store]


def data_schedule() -> DataSchedule:
    """Raises BadSettings, with the line, where the file does not say it in this form."""
    return YamlFile(str(FILE)).into(DataSchedule)


def names_of(fields: Fields) -> Iterator[str]:
    for names in fields.values():
        yield from names
