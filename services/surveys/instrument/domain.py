"""Practical measures: short surveys of a few items, each on a labelled ordinal scale.

A draft is checked as a whole when it is made; once published it never changes, so that
results of different days can be compared.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid

MOST_INSTRUMENTS = 2_000  # of a district, without those that were withdrawn
MOST_OWN_INSTRUMENTS = 200  # drafted by one person, likewise
MOST_DRAFTS = 1_000  # of instruments by one person, with those that were withdrawn
MOST_ITEMS = 50
MOST_SCALES = 10
FEWEST_POINTS, MOST_POINTS = 2, 11


class InstrumentState(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # a draft that should not have been


class InstrumentEvent(enum.StrEnum):
    DRAFTED = "drafted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ValidationStatus(enum.StrEnum):
    VALIDATED = "validated"
    ADAPTED_UNVALIDATED = "adapted_unvalidated"
    LOCAL = "local"


class ScaleKind(enum.StrEnum):
    LIKERT = "likert"
    EMOJI = "emoji"
    NUMERIC = "numeric"


@dataclass(frozen=True, slots=True)
class Scale:
    """Ordinal `values`, lowest first, each with its label; the label of an emoji says in
    words what it shows. Values from `favorable_from` on are favorable."""

    id: str
    kind: ScaleKind
    values: tuple[int, ...]
    labels: tuple[str, ...]
    favorable_from: int

    def favorable(self, reversed: bool) -> tuple[int, ...]:
        """The favorable values; of a reversed item the same number from the other end."""
        count = sum(value >= self.favorable_from for value in self.values)
        return self.values[:count] if reversed else self.values[-count:]


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    text: str
    construct: str
    source: str
    license: str
    scale_id: str
    reversed: bool = False


@dataclass(kw_only=True)
class InstrumentOutline(Aggregate):
    """An instrument without its scales and items. `language`: of its texts, as BCP 47 has it;
    `minutes`: about how many students need; empty and 0 where nobody said."""

    title: str
    validation_status: ValidationStatus
    license: str
    drafted_by: str = ""
    language: str = ""
    minutes: int = 0
    state: InstrumentState = InstrumentState.DRAFT

    def check_draft(self, by: str, in_charge: bool) -> None:
        """Whether it may be published or withdrawn as a draft: by who brought it in, and by
        whoever is `in_charge` of it, which the caller makes sure of."""
        if by != self.drafted_by and not in_charge:
            raise Fault(
                Kind.FORBIDDEN, "author_only", "Only its author publishes or withdraws a draft."
            )
        if self.state is not InstrumentState.DRAFT:
            raise conflict("not_draft", "It is a draft no more.")


@dataclass(frozen=True, slots=True)
class ItemName:
    """An `Item` without its texts."""

    id: str
    construct: str


@dataclass(kw_only=True)
class InstrumentSummary(InstrumentOutline):
    """What a list shows of an instrument."""

    items: tuple[ItemName, ...]

    @property
    def constructs(self) -> tuple[str, ...]:
        return constructs_of(self.items)


@dataclass(kw_only=True)
class Instrument(InstrumentOutline):
    scales: tuple[Scale, ...]
    items: tuple[Item, ...]

    def drafted(self) -> Instrument:
        """The first event of a new instrument. Raises INVALID, naming the place, where its
        scales and items do not fit together."""
        if not 1 <= len(self.scales) <= MOST_SCALES:
            raise invalid("number_of_scales", f"There must be 1 to {MOST_SCALES}.", "/scales")
        if not 1 <= len(self.items) <= MOST_ITEMS:
            raise invalid("number_of_items", f"There must be 1 to {MOST_ITEMS}.", "/items")
        _check_distinct("scales", "scale_id", [scale.id for scale in self.scales])
        _check_distinct("items", "item_id", [item.id for item in self.items])
        for number, scale in enumerate(self.scales):
            _check_scale(scale, f"/scales/{number}")
        known = {scale.id for scale in self.scales}
        for number, item in enumerate(self.items):
            if item.scale_id not in known:
                raise invalid(
                    "unknown_scale", "The item names no scale.", f"/items/{number}/scale_id"
                )
        self.record(InstrumentEvent.DRAFTED)
        return self

    def publish(self, by: str, in_charge: bool = False) -> None:
        """See `check_draft`."""
        self.check_draft(by, in_charge)
        self.state = InstrumentState.PUBLISHED
        self.record(InstrumentEvent.PUBLISHED)

    def withdraw(self, by: str, in_charge: bool = False) -> None:
        """Take back a draft; who may publish it may."""
        self.check_draft(by, in_charge)
        self.state = InstrumentState.WITHDRAWN
        self.record(InstrumentEvent.WITHDRAWN)

    @property
    def published(self) -> bool:
        return self.state is InstrumentState.PUBLISHED

    @property
    def constructs(self) -> tuple[str, ...]:
        """What it measures, each once, in the order of the items."""
        return constructs_of(self.items)

    def scale_of(self, item: Item) -> Scale:
        return next(scale for scale in self.scales if scale.id == item.scale_id)


def constructs_of(items: Iterable[Item | ItemName]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.construct for item in items))


def _check_distinct(name: str, field: str, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for number, each in enumerate(ids):
        if each in seen:
            raise invalid("repeated_id", "Each id stands once.", f"/{name}/{number}/{field}")
        seen.add(each)


def _check_scale(scale: Scale, place: str) -> None:
    values, labels = f"{place}/values", f"{place}/labels"
    points = len(scale.values)
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise invalid("number_of_points", f"{FEWEST_POINTS} to {MOST_POINTS} points.", values)
    if any(low >= high for low, high in zip(scale.values, scale.values[1:], strict=False)):
        raise invalid("values_not_rising", "Values rise strictly, lowest first.", values)
    if len(scale.labels) != points:
        raise invalid("number_of_labels", "Each value has one label.", labels)
    if not all(label.strip() for label in scale.labels):
        raise invalid("empty_label", "A label is not empty.", labels)
    if scale.kind is ScaleKind.EMOJI and not all(map(_says_in_words, scale.labels)):
        raise invalid("no_alt_text", "An emoji's label says in words what it shows.", labels)
    if scale.favorable_from not in scale.values[1:]:
        raise invalid(
            "favorable_from", "One of the values, not the lowest.", f"{place}/favorable_from"
        )


def _says_in_words(label: str) -> bool:
    return any(letter.isalpha() for letter in label)
