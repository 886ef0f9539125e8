"""What an instrument asks, what a list shows of it, and the rules of who may do what with it when:
they raise what the refusal is."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict


class InstrumentState(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # a draft that should not have been
    RETIRED = "retired"  # not for new surveys


FIXED = (InstrumentState.PUBLISHED, InstrumentState.RETIRED)  # what it asks does not change


class InstrumentEvent(enum.StrEnum):
    DRAFTED = "drafted"
    EDITED = "edited"
    JUDGED = "judged"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    RETIRED = "retired"


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
class Audio:
    """Where an item can be heard, an address, and the license of what is heard."""

    address: str
    license: str


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    text: str
    construct: str
    source: str
    license: str
    scale_id: str
    reversed: bool = False
    audio: Audio | None = None


@dataclass(frozen=True, slots=True)
class ItemWords:
    """An item's words in another language."""

    id: str
    text: str
    audio: Audio | None = None


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """A scale's labels in another language, in the order of its values."""

    id: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """The same items and scales in another language, as BCP 47 has it; of a draft some may be
    missing yet."""

    language: str
    title: str
    items: tuple[ItemWords, ...]
    scales: tuple[ScaleWords, ...]


@dataclass(frozen=True, slots=True)
class ItemName:
    """An `Item` without its texts."""

    id: str
    construct: str


@dataclass(frozen=True, slots=True)
class TranslationName:
    """A `Translation` without its texts."""

    language: str


def languages_of(
    own: str, translations: Iterable[Translation | TranslationName]
) -> tuple[str, ...]:
    """Those in which it is asked, its own first; empty where nobody said."""
    return (*((own,) if own else ()), *(each.language for each in translations))


def constructs_of(items: Iterable[Item | ItemName]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.construct for item in items))


@dataclass(frozen=True, slots=True)
class InstrumentSays:
    """All that its author says of an instrument. `validation_evidence`: where it can be read that
    it is validated; empty where nobody said. `language`: of its texts, as BCP 47 has it; `minutes`:
    about how many students need; empty and 0 where nobody said."""

    title: str
    scales: tuple[Scale, ...]
    items: tuple[Item, ...]
    validation_status: ValidationStatus
    validation_evidence: str
    license: str
    language: str
    minutes: int
    translations: tuple[Translation, ...] = ()

    def scale_of(self, item: Item) -> Scale:
        return next(scale for scale in self.scales if scale.id == item.scale_id)

    def missing(self, translation: Translation) -> tuple[str, ...]:
        """The ids of the items, then of the scales, that a translation has no words for."""
        items, scales = ({each.id for each in of} for of in (translation.items, translation.scales))
        return (
            *(each.id for each in self.items if each.id not in items),
            *(each.id for each in self.scales if each.id not in scales),
        )

    def worded(self, language: str) -> InstrumentSays:
        """As it reads in a language: its own where there is no such translation, or where that has
        no words for something."""
        found = [each for each in self.translations if each.language == language]
        if not found:
            return self
        items = {each.id: each for each in found[0].items}
        scales = {each.id: each.labels for each in found[0].scales}
        return replace(
            self,
            title=found[0].title,
            language=language,
            items=tuple(
                replace(each, text=items[each.id].text, audio=items[each.id].audio)
                if each.id in items
                else each
                for each in self.items
            ),
            scales=tuple(
                replace(each, labels=scales.get(each.id, each.labels)) for each in self.scales
            ),
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why a person says, in place of the rule, whether results may be joined with the parent's."""

    reason: str
    by: str
    at: datetime


@dataclass(kw_only=True)
class InstrumentOutline(Aggregate):
    """An instrument without its scales and items. `parent`: the published one that it was forked
    from, and `parent_series` that one's series; empty where it is no fork. `comparable`: whether
    its results may be joined with its parent's."""

    title: str
    validation_status: ValidationStatus
    license: str
    drafted_by: str = ""
    language: str = ""
    minutes: int = 0
    state: InstrumentState = InstrumentState.DRAFT
    validation_evidence: str = ""
    parent: str = ""
    parent_series: str = ""
    comparable: bool = False

    @property
    def series(self) -> str:
        """Results of one series may be joined in a trend: the id of the oldest instrument whose
        results those of this one are comparable with, its own where there is none."""
        return self.parent_series if self.parent and self.comparable else self.id

    def check_draft(self, by: str, in_charge: bool) -> None:
        """Whether it may be changed, published or withdrawn as a draft: by who brought it in, and
        by whoever is `in_charge` of it, which the caller makes sure of."""
        self._author_only(by, in_charge)
        if self.state is not InstrumentState.DRAFT:
            raise conflict("not_draft", "It is a draft no more.")

    def check_judge(self, by: str, in_charge: bool) -> None:
        """Whether it may be said that it is comparable with its parent, or is not."""
        self.check_draft(by, in_charge)
        if not self.parent:
            raise conflict("no_fork", "It was not forked from another instrument.")

    def check_retire(self, by: str, in_charge: bool) -> None:
        self._author_only(by, in_charge)
        if self.state is not InstrumentState.PUBLISHED:
            raise conflict("not_published", "Only a published instrument is retired.")

    def _author_only(self, by: str, in_charge: bool) -> None:
        if by != self.drafted_by and not in_charge:
            raise Fault(
                Kind.FORBIDDEN,
                "author_only",
                "Only its author changes, publishes, withdraws or retires an instrument.",
            )


@dataclass(kw_only=True)
class InstrumentSummary(InstrumentOutline):
    """What a list shows of an instrument."""

    items: tuple[ItemName, ...]
    translations: tuple[TranslationName, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        return languages_of(self.language, self.translations)

    @property
    def constructs(self) -> tuple[str, ...]:
        return constructs_of(self.items)
