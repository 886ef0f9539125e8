"""The process templates that ship: data files beside this one, read and checked at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import Field

from services.chassis.fields import Body, Line, Text
from services.chassis.kernel import Fault, invalid, not_found
from services.chassis.strict_yaml import YamlFile
from services.programs.program.bodies import PartId, StateStage, stage_of
from services.programs.program.process import MOST_STAGES, ProgramProcess

FOLDER = Path(__file__).parent / "templates"


class _Shipped(Body):
    template: PartId
    version: int = Field(ge=1)
    title: Line
    about: Text
    stages: list[StateStage] = Field(min_length=1, max_length=MOST_STAGES)


@dataclass(frozen=True, slots=True)
class ProcessTemplate:
    """`version` is that of its file: it rises with whatever a release changes in it."""

    id: str
    version: int
    title: str
    about: str
    process: ProgramProcess


@cache
def templates() -> Mapping[str, ProcessTemplate]:
    """By their names, ascending. Raises BadSettings, which names file and line, where one says
    what no process may, or is called otherwise than its file."""
    found = [read_template(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {each.id: each for each in found}


def read_template(path: Path) -> ProcessTemplate:
    file = YamlFile(str(path))
    said = file.into(_Shipped)
    if said.template != path.stem:
        raise file.mistake(("template",), "the name of the file")
    process = ProgramProcess(said.template, said.version, tuple(map(stage_of, said.stages)))
    try:
        process.check()
    except Fault as fault:
        place = [int(each) if each.isdigit() else each for each in fault.place[1:].split("/")]
        raise file.mistake(place, fault.detail) from None
    return ProcessTemplate(said.template, said.version, said.title, said.about, process)


def template(id: str) -> ProcessTemplate:
    """Raises Fault NOT_FOUND."""
    found = templates().get(id)
    if found is None:
        raise not_found()
    return found


def copied(id: str) -> ProgramProcess:
    """The process of a template that a request names. Raises Fault INVALID."""
    found = templates().get(id)
    if found is None:
        raise invalid("unknown_template", "There is no such template.", "/template")
    return found.process
