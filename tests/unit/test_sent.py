"""What callers say beside a request: what is taken for what it says, and what is not."""

from __future__ import annotations

import pytest

from services.chassis.edge.sent import KEY, correlation_of, respondent
from services.chassis.kernel import Fault, Kind

BEYOND_ASCII = "caf\u00e9"


@pytest.mark.parametrize("said", ["a", "visit:2026.11_28-1", "x" * 64])
def test_a_correlation_of_the_callers_own_is_kept(said: str) -> None:
    assert correlation_of(said) == said


@pytest.mark.parametrize("said", [None, "", b"bytes", "a b", "a\n", BEYOND_ASCII, "x" * 65])
def test_another_is_as_if_there_were_none(said: object) -> None:
    assert correlation_of(said) == ""


@pytest.mark.parametrize("said", ["", None, 7, ".north", "north\n", "a/b", BEYOND_ASCII, "x" * 65])
def test_a_respondent_names_a_district(said: object) -> None:
    assert respondent("north").district == "north"
    with pytest.raises(Fault) as refused:
        respondent(said)
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "district_id")


def test_a_key_is_visible_ascii() -> None:
    assert all(map(KEY.fullmatch, ["!" * 128, "a/b~"]))
    assert not any(map(KEY.fullmatch, ["", "!" * 129, "a b", "a\n", BEYOND_ASCII]))
