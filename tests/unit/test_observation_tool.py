"""A rubric can be scored with, or it is refused; published, it stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kernel import Fault, Kind
from services.ctl.demo.teach_tool import ATTRIBUTION, teach_tool
from services.observations.tool.cases import DraftTool, criterion_of
from services.observations.tool.domain import (
    MOST_CRITERIA,
    Criterion,
    Level,
    ToolEvent,
    ToolState,
)
from tests.support.clocks import START
from tests.support.observations import FEEDBACK, NOISE, new_tool


def criterion(*scores: float, name: str = "one") -> Criterion:
    return Criterion(name, "Area", "What", tuple(Level(score, "seen") for score in scores))


def refused(*criteria: Criterion) -> tuple[Kind, str, str]:
    tool = new_tool()
    tool.criteria = criteria
    with pytest.raises(Fault) as caught:
        tool.drafted()
    assert tool.take_event() is None
    return caught.value.kind, caught.value.code, caught.value.place


def test_a_tool_is_drafted_then_published_once() -> None:
    tool = new_tool().drafted()
    assert (tool.take_event(), tool.published) == (ToolEvent.DRAFTED, False)
    tool.publish(tool.drafted_by, START)
    assert (tool.take_event(), tool.state, tool.published_at) == (
        ToolEvent.PUBLISHED,
        ToolState.PUBLISHED,
        START,
    )
    with pytest.raises(Fault) as caught:
        tool.publish(tool.drafted_by, START)
    assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "not_draft")


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=10, unique=True))
def test_the_scale_is_that_of_the_levels(scores: list[float]) -> None:
    levels = criterion(*sorted(scores))
    tool = new_tool(levels).drafted()
    assert tool.take_event() is ToolEvent.DRAFTED
    assert (levels.scale_min, levels.scale_max) == (min(scores), max(scores))
    assert all(levels.has(score) for score in scores)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=10))
def test_levels_must_ascend(scores: list[float]) -> None:
    if scores == sorted(set(scores)):
        new_tool(criterion(*scores)).drafted()
    else:
        assert refused(criterion(1, 2, name="fine"), criterion(*scores)) == (
            Kind.INVALID,
            "levels_not_ascending",
            "/criteria/1/levels",
        )


@pytest.mark.parametrize("count", [0, 1, 11])
def test_a_criterion_has_two_to_ten_levels(count: int) -> None:
    assert refused(criterion(*range(count)))[1] == "level_count"


@pytest.mark.parametrize("count", [0, MOST_CRITERIA + 1])
def test_a_tool_has_one_to_sixty_criteria(count: int) -> None:
    criteria = [criterion(1, 2, name=f"c-{index}") for index in range(count)]
    assert refused(*criteria) == (Kind.INVALID, "criteria_count", "/criteria")


def test_criteria_have_ids_of_their_own() -> None:
    assert refused(FEEDBACK, NOISE, FEEDBACK)[1:] == (
        "criterion_repeated",
        "/criteria/0/criterion_id",
    )


def test_the_demo_tool_is_a_valid_draft_with_its_attribution() -> None:
    body = DraftTool.model_validate(teach_tool())
    tool = new_tool(*map(criterion_of, body.criteria)).drafted()
    areas = [each.category for each in tool.criteria]
    assert (len(areas), len(set(areas))) == (10, 4)
    assert all((each.scale_min, each.scale_max) == (1, 5) for each in tool.criteria)
    assert body.attribution == ATTRIBUTION
    assert "World Bank" in body.attribution
    assert body.license == "CC BY 4.0 IGO"
