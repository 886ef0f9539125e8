"""Field types of request bodies, shared by REST and gRPC: every string has a limit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from services.chassis.kernel import millis

# Ids go into Kafka keys and row ids, which are split at `:`. They may hold slashes: a path
# parameter that takes an id from outside is `{name:path}`, and comes last or before a fixed word.
ID_PATTERN = r"^[A-Za-z0-9._@/-]{1,255}$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


class Callers:
    """Marks an id in whose place `me` stands for the caller's own: see `edge.asked`."""


ME = "me"
IdOrMe = Annotated[Id, Field(description="An id, or `me`: whoever asks"), Callers()]
CODE_PATTERN = r"^[A-Za-z0-9._:/@ -]{1,64}$"
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _instant(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise ValueError("an instant is written as in RFC 3339, with its offset")


def _near(instant: datetime) -> datetime | None:
    """In UTC, where it is of the years 2000 to 2100 both as it is said and in UTC."""
    if not 2000 <= instant.year <= 2100:
        return None
    found = millis(instant.astimezone(UTC))
    return found if 2000 <= found.year <= 2100 else None


def _utc(instant: datetime) -> datetime:
    found = _near(instant)
    if found is None:
        raise ValueError("the year must lie between 2000 and 2100")
    return found


def instant_near(text: str) -> datetime | None:
    """An instant, in UTC and cut to milliseconds, where it is of the years 2000 to 2100. Raises
    ValueError for what is none."""
    _instant(text)
    return _near(datetime.fromisoformat(text.upper()))


# Kept in UTC and cut to milliseconds, as MongoDB keeps it.
Instant = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_instant), AfterValidator(_utc)
]


_DIGITS = re.compile(r"-?[0-9]{1,18}")


def _in_digits(value: object) -> object:
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        raise PydanticCustomError("int_parsing", "An integer is written in digits alone.")
    return value


# For query parameters, which are texts: Python would read `1_000` and ` 5` as integers too.
DIGITS = BeforeValidator(_in_digits)
QueryInt = Annotated[int, DIGITS]


def _calendar_date(text: str) -> str:
    date.fromisoformat(text)
    return text


# YYYY-MM-DD, kept as text: it is data, never compared with a clock in the domain.
Day = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_calendar_date)
]


class _InWords:
    """Marks what somebody wrote in words of her own."""


# Of a resource: programs are not shown it, see `without_words`.
Written = Annotated[str, _InWords()]


class _Before:
    """Marks what was put right, as it was before."""


E = TypeVar("E")
# Of a resource: who reads it as it stands is not shown it, see `as_it_stands`.
Before = Annotated[list[E], _Before()]


class Body(BaseModel):
    """A request body: strict types, no unknown field."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Resource(BaseModel):
    """An answer's shape."""

    model_config = ConfigDict(frozen=True)


class PageResource(Resource):
    """One page of a list. A page may hold fewer items than were asked for, and more follow."""

    next_page_token: str = Field(description="Empty on the last page")
    left_out: int = Field(
        description="Of this page what cannot be read by this build: "
        "a newer one has stored it, or it is damaged"
    )


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Model`, `Model | None`, `list[Model]`, `Annotated[...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(model_in, get_args(annotation))), None)


def fields_at(annotation: Any, place: Sequence[str | int]) -> tuple[str, ...]:
    """The fields that the model has at a place of an error, in the order of the model; none where
    there is no model."""
    model = model_in(annotation)
    for part in place:
        field = model.model_fields.get(str(part)) if model is not None else None
        if field is not None:  # else a place in a list
            model = model_in(field.annotation)
    return tuple(model.model_fields) if model is not None else ()


R = TypeVar("R", bound=BaseModel)


def without_words(resource: R) -> R:
    """The same with an empty text wherever it has what somebody `Written`."""
    return _emptied(resource, _InWords)


def as_it_stands(resource: R) -> R:
    """The same with an empty list wherever it has what stood there `Before`."""
    return _emptied(resource, _Before)


def _emptied(resource: R, mark: type) -> R:
    changed: dict[str, Any] = {}
    for name, itself in _marked(type(resource), mark).items():
        value = getattr(resource, name)
        if itself:
            changed[name] = value and type(value)()
        elif isinstance(value, BaseModel):
            changed[name] = _emptied(value, mark)
        elif value is not None:
            changed[name] = [_emptied(each, mark) for each in value]
    return resource.model_copy(update=changed) if changed else resource


@cache
def _marked(model: type[BaseModel], mark: type) -> Mapping[str, bool]:
    """Fields that have the mark (True), or hold what has."""
    found: dict[str, bool] = {}
    for name, field in model.model_fields.items():
        within = model_in(field.annotation)
        if any(isinstance(each, mark) for each in field.metadata):
            found[name] = True
        elif within is not None and _marked(within, mark):
            found[name] = False
    return found


def words_in(annotation: Any) -> dict[str, type[Enum] | None]:
    """The words of the enums and literals inside an annotation, each with its enum."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {str(each.value): annotation for each in annotation}
    if get_origin(annotation) is Literal:
        return {str(each): None for each in get_args(annotation)}
    inner = map(words_in, get_args(annotation))
    return {word: kind for words in inner for word, kind in words.items()}
