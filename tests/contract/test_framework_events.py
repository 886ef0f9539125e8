"""What the goals service publishes of frameworks of standards, example by example."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.goals.framework.codec import FRAMEWORKS
from services.goals.framework.domain import Framework, Standard
from tests.support.clocks import START
from tests.support.golden import assert_golden

CANARY, ADMIN = "canary-free-text", "admin-1"
STANDARD = Standard("7a1e5c52-0000-4000-8000-000000000001", CANARY, CANARY)


def after(*acts: Callable[[Framework], object]) -> Framework:
    """The event is the last one's."""
    new = Framework(
        id="5f0c9a4e-0000-4000-8000-000000000009",
        district="north",
        case_id="7a1e5c52-0000-4000-8000-00000000000d",
        title=CANARY,
        edition=CANARY,
        source=CANARY,
        begun_at=START,
    ).begun()
    for act in acts:
        new.take_event()
        act(new)
    return new


def filled(new: Framework) -> None:
    new.extend([STANDARD], ADMIN, START)


def published(new: Framework) -> None:
    new.publish(ADMIN, START)


EVENTS = [
    ("FrameworkBegun", after()),
    ("FrameworkExtended", after(filled)),
    ("FrameworkPublished", after(filled, published)),
    ("FrameworkRetired", after(filled, published, lambda new: new.retire(ADMIN, START))),
    ("FrameworkWithdrawn", after(filled, lambda new: new.withdraw(ADMIN, START))),
]


@pytest.mark.parametrize(("name", "framework"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, framework: Framework) -> None:
    event = framework.take_event()
    framework.record(event)
    encoded = FRAMEWORKS.encode(framework, event)
    assert encoded.type == f"coaching.goals.v1.{name}"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, framework in EVENTS:
        state = FRAMEWORKS.to_state(framework)
        assert FRAMEWORKS.from_state(framework.id, "north", 0, state) == framework
