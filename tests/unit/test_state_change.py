"""What of a state has changed is what is other BSON, found without making BSON of all of it."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from bson import encode

from services.chassis.write import state_change
from services.chassis.write.state_change import change_of


class Word(enum.StrEnum):
    DRAFT = "draft"


AT = datetime(2026, 10, 5, 15, tzinfo=UTC)
VALUES: list[Any] = [
    None, False, True, 0, 1, 2**40, -(2**40), 0.0, -0.0, 1.0, float("nan"), float("inf"),
    "", "draft", Word.DRAFT, "Draft", b"", b"draft", AT, AT + timedelta(microseconds=1),
    AT.astimezone(timezone(timedelta(hours=5))), AT.replace(tzinfo=None), AT + timedelta(days=1),
    [], (), [1], (1,), [1.0], [True], {}, {"a": 1}, {"a": 1.0}, {"a": (1,)}, {"a": [1]},
]  # fmt: skip


@pytest.mark.parametrize("old", VALUES)
def test_a_field_has_changed_where_it_is_other_bson(old: Any) -> None:
    for new in VALUES:
        changed = bool(change_of({"field": old}, {"field": new}))
        assert changed == (encode({"": old}) != encode({"": new})), new


def test_of_plain_fields_that_are_as_they_were_no_bson_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []

    def counted(state: Any) -> bytes:
        made.append(state)
        return encode(state)

    monkeypatch.setattr(state_change, "encode", counted)
    before = {"text": "a", "count": 3, "left": False, "none": None, "state": "draft", "at": AT}
    assert change_of(before, {**before, "state": Word.DRAFT}) == {}
    assert not made
    assert change_of(before, {**before, "count": 4}) == {"$set": {"state.count": 4}}


def test_a_field_that_comes_or_goes_has_changed_whatever_it_says() -> None:
    assert change_of({"gone": None}, {"new": None}) == {
        "$set": {"state.new": None},
        "$unset": {"state.gone": ""},
    }
