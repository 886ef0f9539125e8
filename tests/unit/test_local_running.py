"""What `tandem up` makes on engines before it starts the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from services.ctl.engines import Engine, Engines
from services.ctl.exits import Exit, Stop
from services.ctl.local import running

Tries = Callable[[Exit, int], list[int]]
OWN = (cast(Engine, object()),)


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Tries:
    """So many tries fail; each is counted."""

    def fail(code: Exit, times: int) -> list[int]:
        tried: list[int] = []

        async def prepare(engines: Any) -> None:
            tried.append(len(tried))
            if len(tried) <= times:
                raise Stop(code, "not in time")

        monkeypatch.setattr(running, "_prepare", prepare)
        return tried

    return fail


async def test_engines_of_our_own_that_are_slow_are_asked_again(fails: Tries) -> None:
    tried = fails(Exit.UNREACHABLE, running.TRIES - 1)
    await running._prepared(Engines("k", "m", OWN))
    assert len(tried) == running.TRIES


async def test_in_the_end_it_is_said(fails: Tries) -> None:
    tried = fails(Exit.UNREACHABLE, 100)
    with pytest.raises(Stop, match="not in time"):
        await running._prepared(Engines("k", "m", OWN))
    assert len(tried) == running.TRIES


@pytest.mark.parametrize(
    ("code", "engines"),
    [(Exit.REFUSED, Engines("k", "m", OWN)), (Exit.UNREACHABLE, Engines("k", "m", ()))],
)
async def test_what_is_refused_or_is_somebody_elses_engine_is_said_at_once(
    fails: Tries, code: Exit, engines: Engines
) -> None:
    tried = fails(code, 100)
    with pytest.raises(Stop):
        await running._prepared(engines)
    assert len(tried) == 1
