"""The tree that ships offers what there is: in the demo district, and in a kit made of it."""

from __future__ import annotations

from services.ctl.demo.instruments import AT_THE_END, INSTRUMENTS
from services.ctl.demo.strategies import MEASURES
from services.goals.tree.tree_file import SHIPPED, read_tree

STEPS = {each.step_id: each for each in read_tree(SHIPPED).steps}
ASKED = {each["construct_id"] for each in AT_THE_END["items"]}


def test_it_offers_the_measures_of_the_demo_district_and_no_others() -> None:
    offered = {measure for step in STEPS.values() for measure in step.measure_ids}
    assert offered == set(MEASURES)


def test_where_it_tells_to_ask_the_class_there_is_a_survey_that_asks_it() -> None:
    for step in ("listen", "comfort"):
        assert ASKED.intersection(STEPS[step].measure_ids), step
    assert AT_THE_END in INSTRUMENTS


def test_a_survey_at_the_end_of_a_lesson_is_short_and_asks_for_no_text() -> None:
    kinds = {each["scale_id"]: each["kind"] for each in AT_THE_END["scales"]}
    assert {kinds[each["scale_id"]] for each in AT_THE_END["items"]} == {"likert"}
    assert AT_THE_END["minutes"] <= 2
