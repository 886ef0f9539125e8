"""What is published of experience: of whom and when, never how long."""

from __future__ import annotations

from services.roster.experience.codec import EXPERIENCES
from services.roster.experience.domain import Band, Experience
from tests.support.golden import assert_golden


def test_an_event_is_published_as_its_example_says() -> None:
    known = Experience(
        id="north/experience/teacher-1",
        district="north",
        person="teacher-1",
        band=Band.YEARS_5_10,
        stated_on="2026-10-05",
    )
    known.state(Band.YEARS_5_10, "2026-10-05")
    event = known.take_event()
    encoded = EXPERIENCES.encode(known, event)
    assert encoded.type == "coaching.roster.v1.ExperienceStated"
    assert encoded.keys == ("north:teacher-1",)
    assert b"years" not in encoded.data
    known.record(event)
    assert_golden("roster", encoded)
    again = EXPERIENCES.from_state(known.id, "north", known.version, EXPERIENCES.to_state(known))
    assert again == known
