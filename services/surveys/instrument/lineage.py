"""How an instrument differs from the one that it was forked from, and whether by that the results
of both may be joined."""

from __future__ import annotations

from dataclasses import dataclass

from services.surveys.instrument.outline import InstrumentSays, Item


@dataclass(frozen=True, slots=True)
class Reworded:
    item_id: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
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


def changes_of(before: InstrumentSays, after: InstrumentSays) -> Changes:
    """What a fork says otherwise than its parent. An item is the same by its id."""
    parents, own = ({each.id: each for each in says.items} for says in (before, after))
    both = [(parents[each.id], each) for each in after.items if each.id in parents]
    reworded = [Reworded(now.id, was.text, now.text) for was, now in both if was.text != now.text]
    rescaled = [now.id for was, now in both if _counted(before, was) != _counted(after, now)]
    another = {each.item_id for each in reworded} | {*rescaled}
    return Changes(
        added=tuple(each for each in own if each not in parents),
        dropped=tuple(each for each in parents if each not in own),
        reworded=tuple(reworded),
        rescaled=tuple(rescaled),
        reassigned=tuple(now.id for was, now in both if was.construct != now.construct),
        unchanged=tuple(now.id for _, now in both if now.id not in another),
        reordered=[now.id for _, now in both] != [each for each in parents if each in own],
    )


def _counted(says: InstrumentSays, item: Item) -> tuple[object, ...]:
    """All that decides what an answer is and how it counts."""
    scale = says.scale_of(item)
    return scale.kind, scale.values, scale.labels, scale.favorable_from, item.reversed
