"""How an instrument differs from the one that it was forked from, and whether by that the results
of both may be joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.surveys.instrument.outline import InstrumentSays, Item, languages_of


@dataclass(frozen=True, slots=True)
class Reworded:
    """In the words of a language that both have; empty: of each in its own."""

    item_id: str
    language: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ForkChanges:
    """By items' ids, in the order of the fork, of `dropped` of the parent. `rescaled`: answered on
    another scale, or counted from its other end. `reassigned`: said to measure another construct.
    `unchanged`: read, answered and counted as in the parent, so that its figures are comparable
    whatever else has changed. `reordered`: what is in both is asked in another order."""

    added: tuple[str, ...]
    dropped: tuple[str, ...]
    reworded: tuple[Reworded, ...]
    rescaled: tuple[str, ...]
    reassigned: tuple[str, ...]
    unchanged: tuple[str, ...]
    reordered: bool

    @property
    def comparable(self) -> bool:
        """The rule: the same items, in the same words, on the same scales. What an instrument says
        is the mean of its items, so one item more or less makes another figure of it."""
        return not (self.added or self.dropped or self.reworded or self.rescaled)


def changes_of(before: InstrumentSays, after: InstrumentSays) -> ForkChanges:
    """What a fork says otherwise than its parent. An item is the same by its id; its words are
    compared in each language that both have."""
    parents, own = ({each.id: each for each in says.items} for says in (before, after))
    both = [(parents[each.id], each) for each in after.items if each.id in parents]
    reworded, relabeled = [], set()
    for language, was, now in _read_in_both(before, after):
        then = {each.id: each for each in was.items}
        for each in (each for each in now.items if each.id in then):
            if then[each.id].text != each.text:
                reworded.append(Reworded(each.id, language, then[each.id].text, each.text))
            if was.scale_of(then[each.id]).labels != now.scale_of(each).labels:
                relabeled.add(each.id)
    rescaled = [
        now.id
        for was, now in both
        if now.id in relabeled or _counted(before, was) != _counted(after, now)
    ]
    another = {each.item_id for each in reworded} | {*rescaled}
    return ForkChanges(
        added=tuple(each for each in own if each not in parents),
        dropped=tuple(each for each in parents if each not in own),
        reworded=tuple(reworded),
        rescaled=tuple(rescaled),
        reassigned=tuple(now.id for was, now in both if was.construct != now.construct),
        unchanged=tuple(now.id for _, now in both if now.id not in another),
        reordered=[now.id for _, now in both] != [each for each in parents if each in own],
    )


def _read_in_both(
    before: InstrumentSays, after: InstrumentSays
) -> Iterator[tuple[str, InstrumentSays, InstrumentSays]]:
    """Both in each language that both have; as they are, where they have none in common."""
    known = languages_of(before.language, before.translations)
    shared = [each for each in languages_of(after.language, after.translations) if each in known]
    for language in shared:
        yield language, before.worded(language), after.worded(language)
    if not shared:
        yield "", before, after


def _counted(says: InstrumentSays, item: Item) -> tuple[object, ...]:
    """What decides how an answer counts."""
    scale = says.scale_of(item)
    return scale.kind, scale.values, scale.favorable_from, item.reversed
