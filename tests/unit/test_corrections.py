"""Whatever is corrected and voided in whatever order: nothing that was said is lost, nothing is
kept that was not said, and there is an end to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.chassis.corrections import (
    Correction,
    Voidable,
    check_counts,
    voided,
    with_one_more,
)
from services.chassis.kernel import Fault, Kind, conflict
from tests.support.clocks import START

MOST = 3
FULL = Fault(Kind.LIMITED, "full")
VOID = conflict("void", "It was voided.")


@dataclass(frozen=True, slots=True)
class Was(Correction):
    said: int


@dataclass(frozen=True, slots=True)
class Said(Voidable):
    said: int


class OneValue(RuleBasedStateMachine):
    """One value beside the list of all that it ever said."""

    def __init__(self) -> None:
        super().__init__()
        self.value = Said(0)
        self.earlier: tuple[Was, ...] = ()
        self.ever = [0]
        self.why: list[str] = []
        self.now = START

    def step(self) -> None:
        self.now += timedelta(seconds=1)

    @precondition(lambda self: self.value.voided_at is None)
    @rule(said=st.integers(0, 2), reason=st.text(max_size=2))
    def correct(self, said: int, reason: str) -> None:
        self.step()
        check_counts(self.value, VOID)
        new = replace(self.value, said=said)
        was = Was(self.value.said, reason=reason, by="her", at=self.now)
        if said != self.ever[-1] and len(self.why) == MOST:
            with pytest.raises(Fault, match="full"):
                with_one_more(self.earlier, self.value, new, was, MOST, FULL)
            return
        earlier = with_one_more(self.earlier, self.value, new, was, MOST, FULL)
        assert (earlier is None) == (said == self.ever[-1])
        if earlier is not None:
            self.value, self.earlier = new, earlier
            self.ever.append(said)
            self.why.append(reason)

    @precondition(lambda self: self.value.voided_at is None)
    @rule()
    def void(self) -> None:
        self.step()
        self.value = voided(self.value, "her", self.now)
        assert (self.value.voided_at, self.value.voided_by) == (self.now, "her")

    @precondition(lambda self: self.value.voided_at is not None)
    @rule()
    def put_right_what_was_voided(self) -> None:
        with pytest.raises(Fault, match="void"):
            check_counts(self.value, VOID)

    @invariant()
    def all_that_it_said_is_there(self) -> None:
        assert [*(each.said for each in self.earlier), self.value.said] == self.ever
        assert [each.reason for each in self.earlier] == self.why

    @invariant()
    def there_is_an_end_to_it(self) -> None:
        assert len(self.earlier) <= MOST

    @invariant()
    def each_says_when_it_was_put_right(self) -> None:
        instants = [each.at for each in self.earlier]
        assert instants == sorted(set(instants))


TestOneValue = OneValue.TestCase
TestOneValue.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


def test_what_says_so_already_is_no_correction_even_of_what_has_as_many() -> None:
    many = tuple(Was(n, reason="r", by="her", at=START) for n in range(MOST))
    was = Was(7, reason="again", by="her", at=START)
    assert with_one_more(many, Said(7), Said(7), was, MOST, FULL) is None
    with pytest.raises(Fault, match="full"):
        with_one_more(many, Said(7), Said(8), was, MOST, FULL)
