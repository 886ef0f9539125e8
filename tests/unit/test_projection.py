"""Folding facts into rows: what order, duplicates and parked events may not change."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.projection import access_projection
from services.assembly.registry import WITH_DUTIES
from services.chassis.duties.duty import duties_projection
from services.chassis.duties.view import duties_view
from services.chassis.field_names import field_name, from_field_name
from services.chassis.log.envelope import Envelope
from services.chassis.views.canonical import canonical
from services.chassis.views.projection import (
    Fact,
    Projection,
    apply_fact,
    mark_incomplete,
    new_row,
)
from services.ctl.rebuilding import view_of
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from tests.support.goal_cards import START


def envelope(aggregate: str, version: int) -> Envelope:
    return Envelope("e", "t", "d1", "d1:t1", aggregate, version, START)


def fact(aggregate: str, version: int) -> Fact:
    return Fact("cards", "d1:t1", "goals", aggregate, {"current": version * 10})


aggregates = st.sampled_from(["a", "b.c", "$d"])
deliveries = st.lists(st.tuples(aggregates, st.integers(1, 6)), max_size=30)


@given(deliveries, st.randoms(use_true_random=False))
def test_the_newest_version_wins_in_any_order_and_however_often(
    events: list[tuple[str, int]], chance: random.Random
) -> None:
    shuffled = events + events[: len(events) // 2]
    chance.shuffle(shuffled)
    rows = []
    for order in (events, shuffled):
        row = new_row("d1:t1", "d1")
        for aggregate, version in order:
            apply_fact(row, fact(aggregate, version), envelope(aggregate, version))
        rows.append(row)
    assert canonical(rows[0]) == canonical(rows[1])
    newest: dict[str, int] = {}
    for aggregate, version in events:
        newest[field_name(aggregate)] = max(newest.get(field_name(aggregate), 0), version)
    assert {k: v["v"] for k, v in rows[0]["facts"].get("goals", {}).items()} == newest


@given(deliveries)
def test_an_event_that_is_known_changes_nothing(events: list[tuple[str, int]]) -> None:
    row = new_row("d1:t1", "d1")
    for aggregate, version in events:
        apply_fact(row, fact(aggregate, version), envelope(aggregate, version))
    for aggregate, version in events:
        assert apply_fact(row, fact(aggregate, version), envelope(aggregate, version)) == {}


@given(st.text())
def test_any_id_can_be_a_field_name(identifier: str) -> None:
    name = field_name(identifier)
    assert from_field_name(name) == identifier
    assert "." not in name
    assert "\0" not in name
    assert not name.startswith("$")


def test_a_parked_event_marks_its_row_until_a_version_as_new_arrives() -> None:
    row = new_row("d1:t1", "d1")
    assert mark_incomplete(row, envelope("a", 3)) == {"incomplete.a": 3}
    apply_fact(row, fact("a", 2), envelope("a", 2))
    assert row["incomplete"] == {"a": 3}
    changed = apply_fact(row, fact("a", 4), envelope("a", 4))
    assert changed["incomplete.a"] is None
    assert row["incomplete"] == {}
    assert mark_incomplete(row, envelope("a", 3)) == {}


# The lists of topics that were ever read, by group and number. A view whose topics change gets
# one number more here and in its projection: the number is how members of both tell.
LISTS = {
    ("insights", 1): {"roster", "goals", "surveys", "observations"},
    ("insights", 2): {"roster", "programs", "goals", "surveys", "observations"},
    ("timeline", 1): {"programs", "goals", "surveys", "observations"},
    ("goals-access", 1): {"roster", "goals"},
    ("goals-access", 2): {"roster", "programs", "goals"},
    ("goals-access", 3): {"roster", "programs", "goals", "privacy"},
    ("roster-duties", 1): {"roster"},
    ("programs-duties", 1): {"programs"},
    ("programs-duties", 2): {"programs", "roster"},
    ("programs-duties", 3): {"programs", "roster", "privacy"},
    ("goals-duties", 1): {"roster"},
    ("goals-duties", 2): {"roster", "privacy"},
    ("goals-duties", 3): {"roster", "privacy", "goals"},
    ("goals-duties", 4): {"roster", "privacy", "goals", "programs"},
    ("privacy-duties", 2): {"programs", "goals", "surveys", "observations", "privacy"},
    ("privacy-duties", 3): {"programs", "goals", "surveys", "observations", "privacy", "roster"},
    ("surveys-duties", 1): {"surveys"},
    ("surveys-duties", 2): {"surveys", "roster"},
    ("surveys-duties", 3): {"surveys", "roster", "privacy"},
    ("surveys-duties", 4): {"surveys", "roster", "privacy", "programs"},
    ("observations-duties", 1): {"roster", "programs"},
    ("observations-duties", 2): {"roster", "programs", "privacy"},
    ("observations-duties", 3): {"roster", "programs", "privacy", "observations"},
    ("privacy-duties", 1): {"programs", "goals", "surveys", "observations"},
}


@pytest.mark.parametrize(
    "projection",
    [
        insights_projection(),
        timeline_projection(),
        access_projection("goals"),
        *(view_of(duties_view(service), service).projection for service in WITH_DUTIES),
    ],
    ids=lambda each: each.group,
)
def test_a_list_of_topics_keeps_its_number(projection: Projection) -> None:
    topics = {topic.split(".")[1] for topic in projection.topics}
    assert LISTS[projection.group, projection.topics_version] == topics
    assert (projection.group, projection.topics_version + 1) not in LISTS


def test_a_newer_list_of_topics_has_a_consumer_group_of_its_own() -> None:
    first = replace(insights_projection(), topics_version=1)
    second = replace(first, topics_version=2)
    assert (first.consumers, second.consumers) == ("insights", "insights.topics-2")
    assert first.group == second.group


def test_so_has_a_newer_list_of_topics_of_duties() -> None:
    assert duties_projection("goals", [], topics_version=2).consumers == "goals-duties.topics-2"
