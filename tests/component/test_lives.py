"""Every state machine of programs and goals walked at random through the public API, against the
table that says what becomes of it. `make fuzz` walks further."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.lives import Life, Stages, moves, walked
from tests.support.lives_of_goals import OF_GOALS
from tests.support.lives_of_programs import OF_PROGRAMS
from tests.support.staff import Staffed

EXAMPLES, STEPS, SEED = 5, 20, 20261130


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    made = Stages()
    yield made
    made.close()


@pytest.mark.parametrize("life", OF_PROGRAMS + OF_GOALS, ids=lambda life: life.kind)
def test_it_goes_as_the_table_says(
    stages: Stages, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("MOST_OFFERED", "MOST_AGREED"):  # which is no matter of its states
        monkeypatch.setattr(f"services.programs.agreement.domain.{bound}", 10_000)
    seen = set[str]()
    walked(life, stages, examples=EXAMPLES, steps=STEPS, seed=SEED, note=seen.add)
    assert len(seen) > 1, "nothing happens"


async def opened(platform: Staffed) -> str:
    return await OF_GOALS[0].begin(platform)


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
        walked(life, stages, examples=EXAMPLES, steps=STEPS, seed=SEED)
