"""One word, one meaning: a class has a name of its own, or shares the meaning of the name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("services", "clients/python/tandem_client")
CONVENTIONS = {
    "DutyPorts": "what the duties of a room run on",
    "Ports": "what the use cases of a room, or the rooms of a service, run on",
    "Rpcs": "the methods of a room's gRPC service that are written out",
    "Settings": "what the environment tells a service",
}
# More than one class, one meaning: what several parts of the house keep of one thing.
SHARED = {
    "AcademicSession": "a session of the roster: whole there, its type and days in calendars",
    "Acknowledgment": "that a person says what she has been told, and goes on",
    "Client": "a partner's connection to a service: blocking, or for a loop",
    "Cover": "who takes classes of a teacher who is away: whole, or what access knows of it",
    "Enrollment": "a teacher in a coaching program: whole, or what a view knows of it",
    "FlagAnswer": "what a coach says to a flag: whole, or what a view knows of it",
    "Goal": "what a teacher wants to reach: whole, or what a view knows of it",
    "GoalState": "where a goal is in its life",
    "Grant": "a role that a district gives a person: whole, or what access knows of it",
    "Observation": "a visit to a lesson: whole, or what a view knows of it",
    "ObservationState": "where an observation is in its life",
    "Relationship": "who coaches whom in a school year: whole, or what a view knows of it",
    "Role": "what somebody is in the roster: at one org, or at all that access knows of",
    "Survey": "one survey of one class, as a view knows it: its results, or its days",
    "Trial": "what a teacher tries in class: whole, or what a view knows of it",
    "TrialState": "where a trial is in its life",
    "Told": "what an engine of the local stack is told besides what all are",
}


def classes(code: Iterable[Path]) -> Mapping[str, list[str]]:
    """Where each public class of a module stands, by its name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in code:
        for each in ast.parse(path.read_text()).body:
            if isinstance(each, ast.ClassDef) and not each.name.startswith("_"):
                found[each.name].append(str(path))
    return found


@pytest.fixture(scope="module")
def doubles() -> Mapping[str, list[str]]:
    code = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return {name: places for name, places in classes(code).items() if len(places) > 1}


def test_a_name_has_one_meaning(doubles: Mapping[str, list[str]]) -> None:
    new = {n: places for n, places in doubles.items() if n not in CONVENTIONS | SHARED}
    assert not new, "call one of them what it is, or say which meaning they share"


def test_what_is_shared_is_said_of_nothing_else(doubles: Mapping[str, list[str]]) -> None:
    assert sorted(CONVENTIONS | SHARED) == sorted(doubles)


def test_a_double_is_seen(tmp_path: Path) -> None:
    for name in ("one.py", "other.py"):
        (tmp_path / name).write_text("class Thing: ...\nclass _Own: ...\n")
    found = classes(sorted(tmp_path.iterdir()))
    assert {name: len(places) for name, places in found.items()} == {"Thing": 2}
