from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.edge.strict_json import MAX_DEPTH, parse
from services.chassis.kernel import Fault, Kind

LIMIT = 10_000


def refused(data: bytes) -> Fault:
    with pytest.raises(Fault) as caught:
        parse(data, LIMIT)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"a":1}x',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":0x1}',
        b'{"a":1_000}',
        b"[" * 100_000,
        b"{'a':1}",
    ],
)
def test_what_is_not_json_is_malformed(data: bytes) -> None:
    with pytest.raises(Fault) as caught:
        parse(data, 1_000_000)
    assert caught.value.code == "malformed_json"
    assert caught.value.place == ""


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b'{"a":1,"a":2}', "duplicate_key", ""),
        (b'{"b":[{"a":1,"a":2}]}', "duplicate_key", "/b/0"),
        (b'{"a":9223372036854775808}', "out_of_range", "/a"),
        (b'{"a":-9223372036854775809}', "out_of_range", "/a"),
        (b'{"a":' + b"9" * 5_000 + b"}", "out_of_range", "/a"),
        (b'{"a":1e999}', "out_of_range", "/a"),
        (rb'{"a":"\ud800"}', "control_character", "/a"),
        (rb'{"a":"x\u0000"}', "control_character", "/a"),
        (b'{"a":"x\x00"}', "control_character", "/a"),
        (rb'{"a":["ok","\u001b[0m"]}', "control_character", "/a/1"),
        (rb'{"a":"\u0085"}', "control_character", "/a"),
        (b'{"a":{"$where":1}}', "refused_key", "/a"),
        (b'{"a":{"b.c":1}}', "refused_key", "/a"),
        (b'{"a":{"":1}}', "refused_key", "/a"),
        (rb'{"a":{"x\u0000":1}}', "refused_key", "/a"),
        (rb'{"a":{"\ud800":1}}', "refused_key", "/a"),
    ],
)
def test_what_is_refused_says_where_and_not_what(data: bytes, code: str, place: str) -> None:
    fault = refused(data)
    assert (fault.kind, fault.code, fault.place) == (Kind.INVALID, code, place)


def test_a_key_that_is_no_field_name_never_shows_in_the_place() -> None:
    fault = refused(rb'{"Maria Garcia":{"score":"\u0000"}}')
    assert fault.place == "/score"
    assert "Maria" not in str(fault)


def test_nesting_is_bounded() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, LIMIT) is not None
    assert refused(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)).code == "too_deep"
    assert refused(b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1)).code == "too_deep"


def test_size_is_bounded() -> None:
    assert refused(b" " * (LIMIT + 1)).kind is Kind.TOO_LARGE


def test_newlines_tabs_and_all_scripts_pass() -> None:
    text = "line\none\ttab, Zoë, 数学, 👩🏽‍🏫, \xa0"
    assert parse(json.dumps({"note": text}).encode(), LIMIT) == {"note": text}


def test_keys_of_claims_may_be_urls() -> None:
    data = b'{"https://id.example/role":"x"}'
    assert parse(data, LIMIT, any_key=True) == {"https://id.example/role": "x"}
    assert refused(data).code == "refused_key"


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
_KEYS = st.text("abc_xyz0", min_size=1, max_size=8)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_good_values_come_through_unchanged(value: object) -> None:
    assert parse(json.dumps(value).encode(), 1_000_000) == value


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_fault(data: bytes) -> None:
    with contextlib.suppress(Fault):
        parse(data, LIMIT)
