"""Ids in a list of people that stand for other records since two records of one person became
one: so that they can be given back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Came:
    """`now` is named in place of `before`: the same, where it was named itself besides."""

    now: str
    before: str


def moved(
    named: Ids, came: tuple[Came, ...], source: str, target: str
) -> tuple[Ids, tuple[Came, ...]]:
    """`target` is named in place of `source`; all ascends. What came to `source` before is told
    apart no more."""
    if source not in named:
        return named, came
    new = {each for each in came if each.now != source} | {Came(target, source)}
    if target in named and all(each.now != target for each in came):
        new.add(Came(target, target))
    return tuple(sorted({*named, target} - {source})), tuple(sorted(new))


def given_back(
    named: Ids, came: tuple[Came, ...], source: str, target: str
) -> tuple[Ids, tuple[Came, ...]]:
    """Where `source` is named in place of `target`, that one is named again, and `source` only
    where it was itself, or stands for others. All ascends."""
    if Came(source, target) not in came:
        return named, came
    new = set(came) - {Came(source, target)}
    left = {each.before for each in new if each.now == source}
    if left == {source}:
        new.discard(Came(source, source))
    gone = set() if left else {source}
    return tuple(sorted({*named, target} - gone)), tuple(sorted(new))


def leading(leads: Ids, named: Collection[str], source: str, target: str) -> Ids:
    """Of those who are `named` now, who leads: `target` in place of a `source` who is named no
    more. While both are, the next file tells who of them does."""
    now = {target if each == source and source not in named else each for each in leads}
    return tuple(sorted(now.intersection(named)))


def of_named(came: tuple[Came, ...], named: Collection[str]) -> tuple[Came, ...]:
    """Without those that are named no more."""
    return tuple(each for each in came if each.now in named)


def kept(
    came: tuple[Came, ...], known: tuple[Came, ...], added: Collection[str]
) -> tuple[Came, ...]:
    """Where some are `added` to those who are named, as they were `known`."""
    if not known or not added:
        return came
    return tuple(sorted({*came, *of_named(known, added)}))
