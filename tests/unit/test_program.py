"""Coaching programs: what may be changed when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from services.chassis.kernel import Fault, Kind
from services.programs.program.domain import Program, ProgramEvent
from services.programs.program.outline import ProgramState, ProgramType, SuccessCriterion
from services.programs.program.process import DeviationKind, ProgramProcess
from tests.support.clocks import START
from tests.support.programs import CRITERION, LEAD, SAYS, new_program, program_in

OPEN, RUNS, OVER = ("open",), ("open", "begin"), ("open", "begin", "close")


def refused(act: Callable[[], Any]) -> Fault:
    with pytest.raises(Fault) as raised:
        act()
    return raised.value


def lets(rule: Callable[[str, datetime], None]) -> bool:
    try:
        rule(LEAD, START)
    except Fault as fault:
        return fault.kind is not Kind.CONFLICT
    return True


def test_nobody_is_enrolled_before_it_is_said_what_success_is() -> None:
    program = new_program(success_criteria=())
    fault = refused(lambda: program.open(LEAD, START))
    assert (fault.kind, fault.code) == (Kind.CONFLICT, "success_criteria_needed")
    assert not program.enrolls
    program.take_event()
    program.edit(SAYS, LEAD, START)
    program.take_event()
    program.open(LEAD, START)
    assert program.enrolls


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        ((), {"edit", "plan", "open", "withdraw"}),
        (OPEN, {"edit", "deviate", "begin", "close"}),
        (RUNS, {"edit", "deviate", "close"}),
        (OVER, set()),
        (("withdraw",), set()),
    ],
)
def test_what_may_be_done_in_each_state(steps: tuple[str, ...], allowed: set[str]) -> None:
    rules = ("edit", "plan", "deviate", "open", "begin", "close", "withdraw")
    program = program_in(*steps)
    assert {each for each in rules if lets(getattr(program, f"check_{each}"))} == allowed


@pytest.mark.parametrize("steps", [OPEN, RUNS])
def test_what_success_is_stays_once_teachers_may_be_enrolled(steps: tuple[str, ...]) -> None:
    program = program_in(*steps)
    program.take_event()
    for other in (
        replace(SAYS, success_criteria=(replace(CRITERION, target=10),)),
        replace(SAYS, type=ProgramType.GROUP),
        replace(SAYS, planned_contacts=2),
    ):
        assert refused(partial(program.edit, other, LEAD, START)).code == "program_opened"
    assert program.says == SAYS
    program.edit(replace(SAYS, name="Another", cost_per_coach_hour=70), LEAD, START)
    assert program.take_event() is ProgramEvent.EDITED


def test_the_same_again_is_no_event() -> None:
    program = new_program()
    program.take_event()
    program.edit(SAYS, LEAD, START)
    program.plan(program.process, LEAD, START)
    assert program.take_event() is None
    assert program.revision == 1


def test_a_step_that_is_left_out_is_as_planned_again_when_that_is_said() -> None:
    program = program_in("open")
    for kind, reason in (
        (DeviationKind.SKIPPED, "Nobody is there"),
        (DeviationKind.ADAPTED, "Only by phone"),
    ):
        program.take_event()
        program.deviate("visit", kind, reason, LEAD, START)
        (said,) = program.deviations
        assert (said.kind, said.reason) == (kind, reason)
    program.take_event()
    program.deviate("visit", None, "They are back", LEAD, START)
    assert (program.deviations, program.revision) == ((), 4)
    program.take_event()
    program.deviate("visit", None, "They are back", LEAD, START)
    assert program.take_event() is None
    fault = refused(lambda: program.deviate("unheard-of", None, "", LEAD, START))
    assert (fault.code, fault.place) == ("unknown_step", "/step_id")


@pytest.mark.parametrize(
    ("says", "code", "place"),
    [
        (
            {"success_criteria": (CRITERION, CRITERION)},
            "success_criterion_repeated",
            "/success_criteria/1/criterion_id",
        ),
        (
            {"success_criteria": (SuccessCriterion("talk", "More", "", 3),)},
            "target_without_measure",
            "/success_criteria/0/measure_id",
        ),
        ({"currency": ""}, "cost_without_currency", "/currency"),
        ({"cost_per_coach_hour": None}, "cost_without_currency", "/currency"),
    ],
)
def test_what_no_program_says(says: dict[str, Any], code: str, place: str) -> None:
    fault = refused(lambda: new_program(**says))
    assert (fault.kind, fault.code, fault.place) == (Kind.INVALID, code, place)


def test_names_in_a_process_are_each_the_only_one() -> None:
    process = new_program().process
    first, second, *_ = process.stages
    twice = ProgramProcess(stages=(first, replace(first, steps=second.steps)))
    assert refused(lambda: new_program(twice)).place == "/stages/1/stage_id"
    again = ProgramProcess(stages=(first, replace(second, steps=(*second.steps, first.steps[0]))))
    fault = refused(lambda: new_program(again))
    assert (fault.code, fault.place) == ("step_repeated", "/stages/1/steps/4/step_id")


def test_a_closed_program_stays_what_it_was() -> None:
    program: Program = program_in(*OVER)
    assert program.state is ProgramState.CLOSED
    assert refused(lambda: program.edit(SAYS, LEAD, START)).code == "program_closed"
