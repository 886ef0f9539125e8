"""The process templates that ship: all can be used, and one that cannot is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.chassis.backing import memory
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import BadSettings, load
from services.programs import bootstrap
from services.programs.program import shipped
from services.programs.program.process import StepNeed
from services.programs.settings import Settings
from tests.support.programs import new_program

SHIPPED = """classroom-check-up new-teachers partnership practice-plan reciprocal-pair
    student-goals weekly-steps""".split()
WEEKLY = (shipped.FOLDER / "weekly-steps.yaml").read_text()


def test_seven_ship() -> None:
    assert list(shipped.templates()) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_each_makes_a_program(name: str) -> None:
    program = new_program(shipped.copied(name))
    assert (program.template, program.template_version) == (name, 1)
    for stage in program.stages:
        needs = {step.need for step in stage.steps}
        assert StepNeed.REQUIRED in needs or stage.id == program.stages[-1].id, stage.id


@pytest.mark.parametrize(
    ("wrong", "line", "told"),
    [
        (("need: required", "need: always"), 15, "stages.0.steps.0.need"),
        (("step_id: focus", "step_id: visit"), 37, "Each step of a process has an id of its own."),
        (("template: weekly-steps", "template: monthly"), 1, "the name of the file"),
        (("lasts: 5", "lasts: 5000"), 10, "stages.0.lasts"),
        (("version: 1", "version: 1\nunheard: of"), 3, "unheard"),
    ],
    ids=str,
)
def test_what_is_wrong_with_one_is_told_with_its_line(
    tmp_path: Path, wrong: tuple[str, str], line: int, told: str
) -> None:
    path = tmp_path / "weekly-steps.yaml"
    path.write_text(WEEKLY.replace(*wrong, 1))
    with pytest.raises(BadSettings) as raised:
        shipped.read_template(path)
    assert f"weekly-steps.yaml:{line}: " in str(raised.value)
    assert told in str(raised.value)


def test_a_service_does_not_start_with_one_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.yaml").write_text("template: broken\n")
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    shipped.templates.cache_clear()
    try:
        with pytest.raises(BadSettings, match=r"broken\.yaml:1: version"):
            bootstrap.build(load(Settings, environment="test"), memory(MemoryLog()))
    finally:
        shipped.templates.cache_clear()
