"""An instrument as a file: YAML, or JSON, which is YAML, too. Some ship."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.chassis.kernel import Fault
from services.chassis.strict_yaml import YamlFile
from services.surveys.instrument.bodies import DraftInstrument
from services.surveys.instrument.domain import check_says

_TEMPLATES = Path(__file__).parent / "templates"
SHIPPED: dict[str, Path] = {each.stem: each for each in sorted(_TEMPLATES.glob("*.yaml"))}


def read_measure(path: Path) -> DraftInstrument:
    """What a file says, checked as an instrument is that is drafted. Raises BadSettings, which
    names file, line and place, for the first mistake."""
    file = YamlFile(str(path))
    said = file.into(DraftInstrument)
    try:
        check_says(said.says())
    except Fault as fault:
        raise file.mistake(_keys(fault.place), f"{fault.code}: {fault.detail}") from None
    return said


def _keys(pointer: str) -> Sequence[str | int]:
    return [int(each) if each.isdigit() else each for each in pointer[1:].split("/")]
