"""The data schedule: what is stored and published, field by field. It stands in
`data_schedule.yaml`."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

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


class PersonalPart(_Said):
    """What of a record is a person's whom one of its fields names: `shown`, and why not the
    `rest`; where neither is said, all that is not withheld."""

    shown: tuple[str, ...] = ()
    rest: str = ""

    @model_validator(mode="after")
    def _both(self) -> PersonalPart:
        if bool(self.shown) is not bool(self.rest):
            raise ValueError("what is shown, and why not the rest: both or none")
        return self


class ScheduledKind(_Said):
    """One kind of aggregate. `read`: the operation that shows it, of another service as
    `service/operation`; `event`: the full name of the
    message that says what is published of it; `stored` and `published`: its fields by what they
    hold, a part's behind its name and a dot. `personal`: by which of its fields it is a person's
    in a records request; or, in words, why it is `not_personal`. `withheld`: fields, or whole
    parts, that no request shows, each with the reason. `told`: the events that a request gives,
    without the versions, which count the others; all, with these, where none is named."""

    whose: str
    purpose: str
    kept: str
    read: str
    event: str
    personal: Mapping[str, PersonalPart] = {}
    withheld: Mapping[str, str] = {}
    told: tuple[str, ...] = ()
    not_personal: str = ""
    stored: Fields
    published: Fields

    @model_validator(mode="after")
    def _either(self) -> ScheduledKind:
        if bool(self.personal) is bool(self.not_personal):
            raise ValueError("personal, or not_personal and why: one of the two")
        return self


class ScheduledStore(_Said):
    """A collection. `request`: whether it is in a records request, and why not."""

    holds: str
    kept: str
    request: str


class DataSchedule(_Said):
    """`records` by `service/kind`, `stores` by the name of the collection. `named_only`: fields
    that name a person and by which nothing is found in a records request about her, by the last
    part of their name, each with the reason."""

    records: Mapping[str, ScheduledKind]
    named_only: Mapping[str, str]
    stores: Mapping[str, ScheduledStore]


@cache
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
