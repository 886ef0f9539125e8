"""The tree that ships offers what there is: in the demo district, and among the measures that
ship."""

from __future__ import annotations

from services.ctl.demo.strategies import MEASURES
from services.goals.tree.tree_file import SHIPPED, read_tree
from services.surveys.instrument.measure_file import SHIPPED as SURVEYS
from services.surveys.instrument.measure_file import read_measure

STEPS = {each.step_id: each for each in read_tree(SHIPPED).steps}


def test_it_offers_the_measures_of_the_demo_district_and_no_others() -> None:
    offered = {measure for step in STEPS.values() for measure in step.measure_ids}
    assert offered == set(MEASURES)


def test_where_it_tells_to_ask_the_class_there_is_a_survey_that_asks_it() -> None:
    asked = {each.construct_id for path in SURVEYS.values() for each in read_measure(path).items}
    for step in ("listen", "comfort"):
        assert asked.intersection(STEPS[step].measure_ids), step


def test_a_survey_at_the_end_of_a_lesson_is_short_and_asks_for_no_text() -> None:
    survey = read_measure(SURVEYS["exit-survey"])
    assert {each.kind for each in survey.scales} == {"likert"}
    assert survey.minutes == 3
