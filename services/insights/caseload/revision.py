"""A mark by which two states of a row are told apart without reading them."""

from __future__ import annotations

from services.chassis.views.projection import Row


def revision(row: Row) -> str:
    """`facts.marks`: the sum of the versions of its facts, and that of its incomplete marks.

    Never the same for two states that a row goes through in one build: versions are at least
    1 and a fact is only ever added or replaced by a higher version, so the first sum rises
    with every change of a fact; a mark comes or rises without a fact, but goes only as a fact
    rises (`apply_fact`). It follows from the row alone, and so a replay gives the same. Text,
    for a sum of versions need not fit into 64 bits."""
    versions = 0
    for group in row["facts"].values():
        for fact in group.values():
            versions += fact["v"]
    return f"{versions}.{sum(row['incomplete'].values())}"
