"""Token buckets: whom they let in, what the others are told, and how many there are."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.call import Principal
from services.chassis.edge.admission import Urgency
from services.chassis.edge.rates import MOST, PARTS, REFUSED_TOKENS, SHARED, Buckets, RateLimits
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import RATE_REFUSED, Metrics
from services.chassis.rates import Rate, Rates


class Now:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


SLOW = Rate(per_second=1, burst=3)
STEPS = st.sampled_from([0, 0, 1, 1, 2, 3, 8, 40]).map(lambda eighths: Fraction(eighths, 8))
# Powers of two, so that nothing is rounded and both models must agree to the last request.
RATES = st.builds(Rate, per_second=st.sampled_from([1, 2, 8, 64]), burst=st.integers(1, 20))


@given(RATES, st.lists(st.tuples(STEPS, st.sampled_from("ab")), min_size=60, max_size=120))
def test_it_lets_in_what_a_bucket_of_tokens_would(
    rate: Rate, asked: list[tuple[Fraction, str]]
) -> None:
    now = Now()
    buckets = Buckets(now)
    tokens, seen = dict.fromkeys("ab", Fraction(rate.burst)), dict.fromkeys("ab", Fraction(0))
    time = Fraction(0)
    for step, who in asked:
        time += step
        now.at = 1_000.0 + float(time)
        filled = tokens[who] + (time - seen[who]) * rate.per_second
        tokens[who], seen[who] = min(filled, Fraction(rate.burst)), time
        may = tokens[who] >= 1
        tokens[who] -= may
        wait = buckets.take(who, rate)
        assert (wait == 0) is may
        if not may:
            assert wait == (1 - tokens[who]) / rate.per_second


@given(RATES, st.lists(STEPS, min_size=1, max_size=80))
def test_after_the_pause_that_is_named_it_lets_in_and_before_it_does_not(
    rate: Rate, steps: list[Fraction]
) -> None:
    now = Now()
    buckets = Buckets(now)
    for step in steps:
        now.at += float(step)
        while not (wait := buckets.take("a", rate)):
            pass
        now.at += wait * 0.9
        assert buckets.wait("a", rate) > 0
        assert buckets.take("a", rate) > 0
        now.at += wait * 0.1
        assert buckets.wait("a", rate) == 0
        assert buckets.take("a", rate) == 0


@pytest.mark.parametrize("per_second", [3, 7, 200])
def test_a_whole_burst_is_let_in_however_it_adds_up(per_second: int) -> None:
    rate = Rate(per_second=per_second, burst=10_000)
    now = Now()
    now.at = 40_000_000.1  # more than a year that the machine is up
    buckets = Buckets(now)
    assert [buckets.take("a", rate) for _ in range(10_000)] == [0.0] * 10_000
    assert buckets.take("a", rate) == pytest.approx(1 / per_second, abs=1e-4)


def test_buckets_that_are_full_make_room() -> None:
    now = Now()
    buckets = Buckets(now, most=10)
    for number in range(10):
        buckets.take(f"old-{number}", SLOW)
    now.at += 1.5
    for number in range(10):
        assert buckets.take(f"new-{number}", SLOW) == 0
    assert len(buckets) == 10


def test_where_all_are_in_use_those_that_are_new_share_some() -> None:
    now = Now()
    buckets = Buckets(now, most=10)
    for number in range(10):
        while not buckets.take(f"known-{number}", SLOW):
            pass
    let_in = sum(not buckets.take(f"new-{number}", SLOW) for number in range(50_000))
    assert 0 < let_in <= SHARED * SLOW.burst
    assert len(buckets) <= 10 + SHARED
    assert all(buckets.take(f"known-{number}", SLOW) for number in range(10))
    now.at += 1
    assert not any(buckets.take(f"known-{number}", SLOW) for number in range(10))


def test_a_table_is_looked_through_once_a_second_at_most() -> None:
    """Whoever is new costs no more than others, however many are."""
    now, looks = Now(), 0

    class Counted(Buckets):
        def _sweep(self, now: float) -> None:
            nonlocal looks
            looks += 1
            super()._sweep(now)

    buckets = Counted(now, most=10)
    for number in range(1_000):
        buckets.take(number / 7, Rate(per_second=1, burst=100))
        now.at += 0.001
    assert looks == 1


def limits(now: Now, metrics: Metrics | None = None, **rates: Rate) -> RateLimits:
    few = Rates(**rates)
    return RateLimits(metrics, lambda district: few if district == "small" else Rates(), now)


def test_each_caller_and_each_kind_of_work_has_its_own() -> None:
    now, metrics = Now(), Metrics()
    each = limits(now, metrics, person=SLOW, partner=SLOW, bulk=SLOW)
    callers = [
        Principal("small", person="a"),
        Principal("small", person="b"),
        Principal("small", partner="a"),
    ]
    for caller in callers:
        for urgency in (Urgency.ORDINARY, Urgency.BULK):
            assert [each.of_caller(caller, urgency) for _ in range(4)] == [0, 0, 0, 1]
    assert each.of_caller(Principal("large", person="a"), Urgency.FIRST) == 0
    counted = [metrics.of(RATE_REFUSED, limit)._value.get() for limit in Rates.model_fields]
    assert counted == [2, 1, 3, 0]


def test_it_is_refused_with_a_pause_of_whole_seconds() -> None:
    now = Now()
    each = limits(now, address=Rate(per_second=1, burst=1))
    each.check_address("198.51.100.7", "small")
    now.at += 0.4
    with pytest.raises(Fault) as refused:
        each.check_address("198.51.100.7", "small")
    told = refused.value
    assert (told.kind, told.code, told.retry_after) == (Kind.LIMITED, "too_many_requests", 1)
    each.check_address("198.51.100.8", "small")


def test_a_school_that_answers_a_survey_at_once_from_one_address_is_let_in() -> None:
    """1,500 students in one lesson: each reads the form and answers it, and some do it again."""
    now = Now()
    each = RateLimits(now=now)
    assert not any(each.of_address("198.51.100.7", "lakewood") for _ in range(6_000))


def test_a_program_with_a_bad_token_keeps_out_no_other_token_at_its_address() -> None:
    now = Now()
    each = RateLimits(now=now)
    bad = "bad"
    for _ in range(REFUSED_TOKENS.burst):
        each.check_token("198.51.100.7", bad)
        each.token_refused("198.51.100.7", bad)
    with pytest.raises(Fault, match="too_many_requests"):
        each.check_token("198.51.100.7", bad)
    each.check_token("198.51.100.8", bad)
    other = next(f"t{n}" for n in range(1_000) if hash(f"t{n}") % PARTS != hash(bad) % PARTS)
    each.check_token("198.51.100.7", other)


def test_tokens_of_all_kinds_from_one_address_are_bounded() -> None:
    now = Now()
    each = RateLimits(now=now)
    verified = 0
    for number in range(20_000):
        try:
            each.check_token("198.51.100.7", f"bad-{number}")
        except Fault:
            continue
        verified += 1
        each.token_refused("198.51.100.7", f"bad-{number}")
    assert verified == REFUSED_TOKENS.burst * PARTS


def test_what_is_kept_has_a_bound() -> None:
    now = Now()
    each = RateLimits(now=now)
    for number in range(2 * MOST):
        each.of_address(f"address-{number}", "lakewood")
        each.token_refused(f"address-{number}", "bad")
        each.of_caller(Principal("lakewood", person=f"person-{number}"), Urgency.ORDINARY)
    assert each.kept <= 3 * (MOST + SHARED)
