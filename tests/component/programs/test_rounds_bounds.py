"""How many rounds a program has: a bound of planning, whatever becomes of them, since any of them
may be opened again."""

from __future__ import annotations

import pytest

from tests.component.programs.test_coaching_requests import ROUNDS, planned, told
from tests.component.test_programs import ask, lead
from tests.support.staff import staffed


async def test_a_program_has_so_many_rounds_also_where_they_are_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    north = await staffed()
    await lead(north)
    monkeypatch.setattr("services.programs.round.cases.MOST_OF_PROGRAM", 2)
    first = await planned(north)
    of = await told(north, "aide", f"{ROUNDS}/{first}")
    kept = ("title", "options", "begin_date", "end_date", "capacity", "program_id")
    body = {name: of[name] for name in kept}

    async def plan() -> tuple[int, str]:
        made = await ask(north, "aide", "POST", ROUNDS, body)
        return made.status_code, made.json().get("code", "")

    assert await plan() == (201, "")
    assert await plan() == (409, "too_many_rounds")
    assert (await ask(north, "aide", "POST", f"{ROUNDS}/{first}/close")).status_code == 200
    assert await plan() == (409, "too_many_rounds")
    assert (await ask(north, "aide", "POST", f"{ROUNDS}/{first}/open")).status_code == 200
    body["end_date"] = "2027-05-28"
    north.clock.forward(days=31)
    assert await plan() == (409, "too_many_rounds")
