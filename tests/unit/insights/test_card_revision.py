"""A card's `rev` tells any two of its states apart, whatever arrives and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.log.envelope import Envelope
from services.chassis.views.canonical import canonical
from services.chassis.views.projection import Fact, Row, apply_fact, mark_incomplete, new_row
from services.insights.caseload.revision import revision

AT = datetime(2026, 10, 5, 15, tzinfo=UTC)
ROW = "north:t1:2027"
GROUPS = {"g1": "goals", "g2": "goals", "o1": "observations"}
ARRIVALS = st.lists(
    st.tuples(st.sampled_from(sorted(GROUPS)), st.integers(1, 5), st.booleans()), max_size=30
)


def arrives(row: Row, aggregate: str, version: int, readable: bool = True) -> None:
    """A later version may well be an older event."""
    envelope = Envelope(
        event_id=f"{aggregate}:{version}",
        type="any",
        district="north",
        key="north:t1",
        aggregate_id=aggregate,
        version=version,
        occurred_at=AT - timedelta(minutes=version),
    )
    if readable:
        value = {"said": version}
        apply_fact(row, Fact("cards", ROW, GROUPS[aggregate], aggregate, value), envelope)
    else:
        mark_incomplete(row, envelope)


@given(ARRIVALS)
def test_equal_revisions_are_equal_rows(arrivals: list[tuple[str, int, bool]]) -> None:
    row = new_row(ROW, "north")
    seen: dict[str, bytes] = {revision(row): canonical(row)}
    for arrival in arrivals:
        arrives(row, *arrival)
        assert seen.setdefault(revision(row), canonical(row)) == canonical(row)


def test_a_revision_follows_from_the_row_and_not_from_the_way_to_it() -> None:
    """A mark that was healed leaves no trace, nor does a version that was overtaken."""
    straight, winding = new_row(ROW, "north"), new_row(ROW, "north")
    for version in (1, 2):
        arrives(winding, "g1", version)
    arrives(winding, "g1", 3, readable=False)
    assert revision(winding) == "2.3"
    arrives(winding, "g1", 3)
    arrives(straight, "g1", 3)
    assert revision(winding) == revision(straight) == "3.0"
