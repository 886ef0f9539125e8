from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.call import Call, Principal
from services.chassis.edge.paging import (
    MAX_PAGE_SIZE,
    decode_token,
    encode_token,
    page_size,
    scope_of,
)
from services.chassis.kernel import Fault


def scope(district: str = "d1", operation: str = "list_goals", **filters: object) -> str:
    return scope_of(Call(operation, Principal(district, person="p")), **filters)


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=64))
def test_a_token_leads_on_after_its_key(after: str) -> None:
    assert decode_token(encode_token(after, scope()), scope()) == after


@pytest.mark.parametrize(
    "other",
    [scope("d2"), scope(operation="list_surveys"), scope(teacher="t1"), scope(teacher="")],
)
def test_a_token_of_another_list_is_refused(other: str) -> None:
    token = encode_token("goal-7", scope())
    with pytest.raises(Fault) as caught:
        decode_token(token, other)
    assert caught.value.code == "page_token"


@given(st.text(max_size=40).filter(bool))
def test_what_is_no_token_of_ours_is_refused(token: str) -> None:
    with pytest.raises(Fault):
        decode_token(token, scope())


def test_a_token_with_changed_padding_or_size_is_refused() -> None:
    token = encode_token("goal-7", scope())
    for changed in (token + "=", token + "A" * 2_000, token[:-1]):
        with pytest.raises(Fault):
            decode_token(changed, scope())


def test_no_token_is_the_first_page() -> None:
    assert decode_token("", scope()) == ""


def test_sizes() -> None:
    assert page_size(0) == 50
    assert page_size(10_000) == MAX_PAGE_SIZE
