"""A case for the doctor without any engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.engine_settings import EngineSettings
from services.chassis.log.connections import Proof
from services.chassis.settings import load
from services.ctl.doctor.finding import Case, Finding, Look, Verdict
from tests.support.clocks import START


def case(**changes: Any) -> Case:
    told: dict[str, Any] = {
        "settings": load(EngineSettings, environment="test"),
        "databases": {"goals": "tandem_goals"},
        "urls": {},
        "trusted": {"goals": 3_600.0},
        "districts_file": "",
        "stores": {},
        "proof": Proof,
        "now": lambda: START,
        "patience": 0.0,
    }
    return Case(**{**told, **changes})


async def seen(look: Look, case: Case, about: str = "") -> list[Finding]:
    return [each async for each in look(case, about)]


def states(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(each.about, str(each.state)) for each in findings]


def says(finding: Finding, state: Verdict, told: str, do: str = "") -> None:
    """Also that what is wrong comes with what to do."""
    assert finding.state is state, finding
    assert told in finding.told, finding
    assert do in finding.do, finding
    assert bool(finding.do) == (state in (Verdict.WRONG, Verdict.WATCH)), finding
