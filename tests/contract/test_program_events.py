"""What the programs service publishes of coaching programs, example by example."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.programs.program.codec import PROGRAMS
from services.programs.program.domain import Program, SizeBand
from services.programs.program.process import DeviationKind
from services.programs.program.shipped import templates
from tests.support.clocks import START
from tests.support.golden import assert_golden
from tests.support.programs import CANARY, LEAD, SAYS, new_program, program_in


def edited() -> Program:
    program = new_program()
    program.take_event()
    program.edit(replace(SAYS, leads=(LEAD,)), LEAD, START)
    return program


def planned() -> Program:
    program = new_program(templates()["weekly-steps"].process)
    program.take_event()
    stages = program.stages[:1]
    program.plan(
        replace(program.process, template="", template_version=0, stages=stages), LEAD, START
    )
    return program


def deviated() -> Program:
    program = program_in("open")
    program.take_event()
    program.deviate("rehearsal", DeviationKind.ADAPTED, CANARY, LEAD, START)
    return program


def grown() -> Program:
    program = program_in("open")
    program.take_event()
    program.resize(SizeBand.FROM_100)
    return program


EVENTS = [
    ("ProgramDrafted", new_program()),
    ("ProgramEdited", edited()),
    ("ProgramPlanned", planned()),
    ("ProgramDeviated", deviated()),
    ("ProgramOpened", program_in("open")),
    ("ProgramBegun", program_in("open", "begin")),
    ("ProgramClosed", program_in("open", "begin", "close")),
    ("ProgramWithdrawn", program_in("withdraw")),
    ("ProgramSizeBandChanged", grown()),
]


@pytest.mark.parametrize(("name", "program"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, program: Program) -> None:
    event = program.take_event()
    program.record(event)
    encoded = PROGRAMS.encode(program, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert encoded.keys == (f"north:{program.id}",)
    assert CANARY.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_no_text_of_a_process_is_published() -> None:
    program = new_program()
    data = PROGRAMS.encode(program, program.take_event()).data
    for _, step in program.process.steps():
        for text in (step.title, step.ends_when, *step.prompts):
            assert text.encode() not in data


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, program in EVENTS:
        state = PROGRAMS.to_state(program)
        assert PROGRAMS.from_state(program.id, "north", 0, state) == program
