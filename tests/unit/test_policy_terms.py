"""Which of two data-use policies is looser: a partial order with a direction for each term."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.kernel import Fault
from services.privacy.policy.outline import (
    Audience,
    LeadersSee,
    PolicyTerms,
    RecordClass,
    Recording,
    Retention,
    canonical,
    looser_in,
)

TERMS = PolicyTerms(
    purposes=("coaching",),
    audiences=(Audience.COACH,),
    acknowledge_before_sharing=True,
    leaders_see=LeadersSee.NOTHING,
    retention=(Retention(RecordClass.GOALS, 365),),
    teacher_first_hours=24,
    recording=Recording.NONE,
    representatives_sign=1,
)
LOOSER: dict[str, Any] = {
    "purposes": ("coaching", "evaluation"),
    "audiences": (Audience.COACH, Audience.PARTNER),
    "acknowledge_before_sharing": False,
    "leaders_see": LeadersSee.COUNTS,
    "retention": (Retention(RecordClass.GOALS, 366),),
    "teacher_first_hours": 23,
    "recording": Recording.WITH_CONSENT,
    "representatives_sign": 0,
}
some = st.builds(
    PolicyTerms,
    purposes=st.sets(st.sampled_from(["coaching", "evaluation"])).map(tuple),
    audiences=st.sets(st.sampled_from(Audience)).map(tuple),
    acknowledge_before_sharing=st.booleans(),
    leaders_see=st.sampled_from(LeadersSee),
    retention=st.dictionaries(st.sampled_from(RecordClass), st.integers(1, 3), max_size=2).map(
        lambda kept: tuple(Retention(record, days) for record, days in kept.items())
    ),
    teacher_first_hours=st.integers(0, 2),
    recording=st.sampled_from(Recording),
    representatives_sign=st.integers(0, 2),
)


@given(one=some)
def test_none_is_looser_than_itself(one: PolicyTerms) -> None:
    assert looser_in(one, one) == ()
    assert looser_in(one.in_order(), one) == looser_in(one, one.in_order()) == ()


@given(one=some, two=some, three=some)
def test_what_is_no_looser_than_what_is_no_looser_is_none_either(
    one: PolicyTerms, two: PolicyTerms, three: PolicyTerms
) -> None:
    by_both = {*looser_in(one, two), *looser_in(two, three)}
    assert set(looser_in(one, three)) <= by_both


@given(one=some, two=some)
def test_only_equals_are_no_looser_than_each_other(one: PolicyTerms, two: PolicyTerms) -> None:
    either = looser_in(one, two) + looser_in(two, one)
    assert (either == ()) == (one.in_order() == two.in_order())


def test_every_term_has_a_direction() -> None:
    assert LOOSER.keys() == {each.name for each in fields(PolicyTerms)}
    for name, value in LOOSER.items():
        other = replace(TERMS, **{name: value})
        assert looser_in(other, TERMS) == (name,)
        assert looser_in(TERMS, other) == (("retention",) if name == "retention" else ())


@pytest.mark.parametrize(
    "kept",
    [
        (),
        (Retention(RecordClass.GOALS, 364),),
        (Retention(RecordClass.GOALS, 366),),
        (*TERMS.retention, Retention(RecordClass.LOOKS, 36_500)),
    ],
)
def test_keeping_anything_longer_or_shorter_is_looser(kept: tuple[Retention, ...]) -> None:
    """Shorter takes away what shows a teacher's growth, or who looked at it."""
    assert looser_in(replace(TERMS, retention=kept), TERMS) == ("retention",)


def test_the_order_of_what_is_kept_says_nothing() -> None:
    both = (*TERMS.retention, Retention(RecordClass.LOOKS, 36_500))
    one, other = (replace(TERMS, retention=each) for each in (both, both[::-1]))
    assert looser_in(one, other) == ()


@pytest.mark.parametrize("purposes", [(), ("evaluation",), ("coaching", "evaluation")])
def test_no_other_purpose_can_be_agreed_on(purposes: tuple[str, ...]) -> None:
    with pytest.raises(Fault, match="purpose_not_allowed"):
        replace(TERMS, purposes=purposes).check()


def test_what_is_signed_is_json_in_one_form() -> None:
    said = {"b": [{"y": 1, "x": "é"}], "a": True}
    assert canonical(said) == '{"a":true,"b":[{"x":"é","y":1}]}'.encode()
