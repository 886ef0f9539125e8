"""Facts of the rows of the access view: what all of its folds do alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event, Fact

COLLECTION = "access"
SCHOOL_DAYS = "school_days"  # sessions and statements: rows of nobody


def fact(event: Event, group: str, value: Mapping[str, Any]) -> Fact:
    return Fact(COLLECTION, event.envelope.key, group, event.envelope.aggregate_id, value)


def has_left(event: Event, before: str) -> bool:
    """Whether it tells her who had it `before` that it is another record's now."""
    return bool(before) and event.envelope.key == f"{event.envelope.district}:{before}"


def about(event: Event, *people: str) -> None:
    """Nobody gets a role or a coach out of a message about somebody else."""
    if event.envelope.key not in [f"{event.envelope.district}:{each}" for each in people]:
        raise InvalidEvent("the key names another person")


def day(text: str, name: str) -> str:
    """A date as YYYY-MM-DD, checked. Raises InvalidEvent."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidEvent(f"{name} is no date") from None
