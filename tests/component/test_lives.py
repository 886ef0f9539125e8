"""Every state machine walked at random through the public API, against the table that says what
becomes of it. `make fuzz` walks further."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.checkout import ROOT
from tests.support.every_life import EVERY_LIFE, OTHERWISE, with_states
from tests.support.lives import Life, Stages, Walked, moves, spread, walked
from tests.support.lives_of_goals import OF_GOAL
from tests.support.staff import Staffed

EXAMPLES, STEPS, SEED = 5, 20, 20261130


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    made = Stages()
    yield made
    made.close()


@pytest.mark.parametrize("life", EVERY_LIFE, ids=lambda life: life.kind)
def test_it_goes_as_the_table_says(
    stages: Stages, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("MOST_OFFERED", "MOST_AGREED"):  # which is no matter of its states
        monkeypatch.setattr(f"services.programs.agreement.domain.{bound}", 10_000)
    seen = set[str]()
    walked(life, stages, examples=EXAMPLES, steps=STEPS, seed=SEED, note=seen.add)
    assert len(seen) > 1, "nothing happens"


def test_nothing_with_states_has_no_life(stages: Stages) -> None:
    """By what is answered: where one is forgotten its path stands here."""
    told = set(with_states(stages.of(OF_GOAL).platform))
    walks = set[str]()
    for life in EVERY_LIFE:
        place = Walked(stages.of(life), life).path.rpartition("/")[0]
        (path,) = (each for each in told if each.rpartition("/")[0] == place)
        walks.add(path)
    assert told == walks | OTHERWISE.keys()
    assert not walks & OTHERWISE.keys(), "walked otherwise, and by a table, too"
    assert all((ROOT / each).is_file() for each in OTHERWISE.values())


def test_a_way_of_states_in_parts_is_said_of_each() -> None:
    text = "close | POST close\n admin: on.*>off.* *.a|b~*.c done="
    said = spread(text, ("on", "off"), ("a", "b"))
    assert said.splitlines()[1].split()[1:] == [
        *("on.a>off.a", "on.b>off.b"),
        *("on.a~on.c", "on.b~on.c", "off.a~off.c", "off.b~off.c"),
        "done=",
    ]


async def opened(platform: Staffed) -> str:
    return await OF_GOAL.begin(platform)


@pytest.mark.parametrize(
    "wrong",
    [
        "withdraw_goal | POST withdraw\n coach: draft>withdrawn",  # the teacher may, too
        "withdraw_goal | POST withdraw\n coach teacher: draft>abandoned",
        "withdraw_goal | POST withdraw\n coach teacher other: draft>withdrawn",
        "withdraw_goal | POST withdraw\n coach teacher: draft=",
    ],
)
def test_a_table_that_says_otherwise_is_noticed(stages: Stages, wrong: str) -> None:
    life = Life("goal", opened, "teacher", moves(wrong))
    with pytest.raises(AssertionError):
        walked(life, stages, examples=4 * EXAMPLES, steps=STEPS, seed=SEED)
