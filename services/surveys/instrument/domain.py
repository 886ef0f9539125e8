"""Practical measures: short surveys of a few items, each on a labelled ordinal scale.

A draft is checked as a whole whenever it is said; once published it never changes, so that
results of different days can be compared. Who wants another forks it: the fork says from what, and
whether its results may be joined with that one's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from services.chassis.kernel import conflict, invalid
from services.surveys.instrument.lineage import ForkChanges
from services.surveys.instrument.outline import (
    FIXED,
    InstrumentEvent,
    InstrumentOutline,
    Judgement,
    constructs_of,
    languages_of,
)
from services.surveys.instrument.outline import InstrumentSays as InstrumentSays
from services.surveys.instrument.outline import InstrumentState as InstrumentState
from services.surveys.instrument.outline import Item as Item
from services.surveys.instrument.outline import Scale as Scale
from services.surveys.instrument.outline import ScaleKind as ScaleKind
from services.surveys.instrument.outline import Translation as Translation
from services.surveys.instrument.outline import ValidationStatus as ValidationStatus

MOST_INSTRUMENTS = 2_000  # of a district, without those that were withdrawn
MOST_OWN_INSTRUMENTS = 200  # drafted by one person, likewise
MOST_DRAFTS = 1_000  # of instruments by one person, with those that were withdrawn
MOST_ITEMS = 50
MOST_SCALES = 10
MOST_TRANSLATIONS = 12
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"  # of BCP 47 what is needed
FEWEST_POINTS, MOST_POINTS = 2, 11


@dataclass(kw_only=True)
class Instrument(InstrumentOutline):
    """`judgement`: set where a person has said, in place of the rule, whether it is `comparable`
    with its parent."""

    scales: tuple[Scale, ...]
    items: tuple[Item, ...]
    translations: tuple[Translation, ...] = ()
    judgement: Judgement | None = None

    def drafted(self) -> Instrument:
        """The first event of a new instrument. Raises INVALID, naming the place, where its
        scales and items do not fit together."""
        check_says(self.says)
        self.record(InstrumentEvent.DRAFTED)
        return self

    @property
    def says(self) -> InstrumentSays:
        return InstrumentSays(*(getattr(self, each.name) for each in fields(InstrumentSays)))

    def edit(
        self, says: InstrumentSays, changes: ForkChanges | None, by: str, in_charge: bool = False
    ) -> None:
        """Say a draft anew, all of it; the same again changes nothing. `changes`: from its parent,
        by which it is decided anew whether it is comparable; None where it has none. Raises
        INVALID as `drafted`."""
        self.check_draft(by, in_charge)
        if says == self.says:
            return
        check_says(says)
        for each in fields(says):
            setattr(self, each.name, getattr(says, each.name))
        self.comparable, self.judgement = changes is not None and changes.comparable, None
        self.record(InstrumentEvent.EDITED)

    def judge(
        self,
        comparable: bool,
        reason: str,
        changes: ForkChanges,
        by: str,
        at: datetime,
        in_charge: bool = False,
    ) -> None:
        """Say, in place of the rule, whether its results may be joined with its parent's. Raises
        CONFLICT where no item is in both."""
        self.check_judge(by, in_charge)
        if comparable and len(changes.added) == len(self.items):
            raise conflict("nothing_in_common", "It has no item of the one it was forked from.")
        self.comparable, self.judgement = comparable, Judgement(reason, by, at)
        self.record(InstrumentEvent.JUDGED)

    def publish(self, by: str, in_charge: bool = False) -> None:
        """See `check_draft`. Raises CONFLICT where a translation has no words for something, so
        that whoever publishes it is told and no child meets another language."""
        self.check_draft(by, in_charge)
        for each in self.translations:
            if missing := self.says.missing(each):
                raise conflict(
                    "translation_incomplete",
                    f"The translation into {each.language} lacks {', '.join(missing)}.",
                )
        self.state = InstrumentState.PUBLISHED
        self.record(InstrumentEvent.PUBLISHED)

    def withdraw(self, by: str, in_charge: bool = False) -> None:
        """Take back a draft; who may publish it may."""
        self.check_draft(by, in_charge)
        self.state = InstrumentState.WITHDRAWN
        self.record(InstrumentEvent.WITHDRAWN)

    def retire(self, by: str, in_charge: bool = False) -> None:
        """Plan no new survey with it; those that there are go on, and results stay as they are."""
        self.check_retire(by, in_charge)
        self.state = InstrumentState.RETIRED
        self.record(InstrumentEvent.RETIRED)

    @property
    def fixed(self) -> bool:
        """Whether what it asks does not change any more."""
        return self.state in FIXED

    @property
    def constructs(self) -> tuple[str, ...]:
        """What it measures, each once, in the order of the items."""
        return constructs_of(self.items)

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which it is asked, its own first; empty where nobody said."""
        return languages_of(self.language, self.translations)

    def scale_of(self, item: Item) -> Scale:
        return self.says.scale_of(item)


def check_says(says: InstrumentSays) -> None:
    """Raises INVALID, naming the place, where scales and items do not fit together, and where
    one that is said to be validated names no evidence."""
    if not 1 <= len(says.scales) <= MOST_SCALES:
        raise invalid("number_of_scales", f"There must be 1 to {MOST_SCALES}.", "/scales")
    if not 1 <= len(says.items) <= MOST_ITEMS:
        raise invalid("number_of_items", f"There must be 1 to {MOST_ITEMS}.", "/items")
    _check_distinct("scales", "scale_id", [scale.id for scale in says.scales])
    _check_distinct("items", "item_id", [item.id for item in says.items])
    for number, scale in enumerate(says.scales):
        _check_scale(scale, f"/scales/{number}")
    known = {scale.id for scale in says.scales}
    for number, item in enumerate(says.items):
        if item.scale_id not in known:
            raise invalid("unknown_scale", "The item names no scale.", f"/items/{number}/scale_id")
    _check_translations(says)
    if says.validation_status is ValidationStatus.VALIDATED and not says.validation_evidence:
        raise invalid(
            "no_evidence",
            "Name where it can be read that it is validated.",
            "/validation_evidence",
        )


def _check_translations(says: InstrumentSays) -> None:
    if says.translations and not says.language:
        raise invalid("no_language", "Say in which language it is itself.", "/language")
    known = {says.language}
    for number, each in enumerate(says.translations):
        place = f"/translations/{number}"
        if each.language in known:
            raise invalid("repeated_language", "Each language stands once.", f"{place}/language")
        known.add(each.language)
        _check_distinct(f"translations/{number}/items", "item_id", [it.id for it in each.items])
        _check_distinct(f"translations/{number}/scales", "scale_id", [it.id for it in each.scales])
        items = {item.id for item in says.items}
        for index, words in enumerate(each.items):
            if words.id not in items:
                there = f"{place}/items/{index}/item_id"
                raise invalid("unknown_item", "It has no such item.", there)
        scales = {scale.id: scale for scale in says.scales}
        for index, labeled in enumerate(each.scales):
            there = f"{place}/scales/{index}"
            if labeled.id not in scales:
                raise invalid("unknown_scale", "It has no such scale.", f"{there}/scale_id")
            _check_labels(replace(scales[labeled.id], labels=labeled.labels), f"{there}/labels")


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
    _check_labels(scale, labels)
    if scale.favorable_from not in scale.values[1:]:
        raise invalid(
            "favorable_from", "One of the values, not the lowest.", f"{place}/favorable_from"
        )


def _check_labels(scale: Scale, place: str) -> None:
    if len(scale.labels) != len(scale.values):
        raise invalid("number_of_labels", "Each value has one label.", place)
    if not all(label.strip() for label in scale.labels):
        raise invalid("empty_label", "A label is not empty.", place)
    if scale.kind is ScaleKind.EMOJI and not all(map(_says_in_words, scale.labels)):
        raise invalid("no_alt_text", "An emoji's label says in words what it shows.", place)


def _says_in_words(label: str) -> bool:
    return any(letter.isalpha() for letter in label)
