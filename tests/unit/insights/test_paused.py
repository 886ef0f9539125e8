"""While coaching is paused nothing asks for attention by it, and the teacher stays on the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.insights.caseload.domain.card import Observation, ObservationState
from services.insights.caseload.domain.entry import entry_until, in_order
from services.insights.caseload.domain.flags import flags_of
from services.insights.caseload.domain.sight import as_seen_by
from tests.unit.insights.test_flags import ACTIVE, COACHED, DAY, NONE, NOW, accepted, card, found

ALL = ("goal", "observation", "administration")
(LATE,) = accepted(60)
PAUSED = replace(LATE, paused_at=NOW - 5 * DAY)
OVERDUE = replace(ACTIVE, due=(NOW - 3 * DAY).date())


def test_no_flag_while_it_is_paused() -> None:
    assert {"F1", "F4"} <= found(card(relationships=(LATE,), goals=(OVERDUE,))).keys()
    assert found(card(relationships=(PAUSED,), goals=(OVERDUE,))) == {}


def test_each_coach_s_pause_is_of_her_own_view() -> None:
    other = replace(LATE, id="rel-2", coach="coach-2")
    hers = card(relationships=(PAUSED, other), goals=(OVERDUE,))
    assert flags_of(as_seen_by("coach-1", ALL, hers, only_shared=False), NONE, NOW) == ()
    seen = as_seen_by("coach-2", ALL, hers, only_shared=False)
    assert {each.code for each in flags_of(seen, NONE, NOW)} == {"F1", "F4"}
    own = as_seen_by("teacher-1", ALL, hers, only_shared=False)
    assert (own.paused_at, "F4" in found(own)) == (None, True)


def test_feedback_that_waits_is_told_once_it_goes_on() -> None:
    done = Observation(
        "obs-1", "teach", ObservationState.COMPLETED, NOW - 10 * DAY, observer="coach-1"
    )
    assert "F2" not in found(card(relationships=(PAUSED,), observations=(done,)))
    going = replace(LATE, resumed_at=NOW - DAY)
    assert "F2" in found(card(relationships=(going,), observations=(done,)))


def test_f1_counts_anew_from_when_it_goes_on() -> None:
    for days, flagged in ((21, False), (22, True)):
        resumed = replace(LATE, resumed_at=NOW - days * DAY)
        assert ("F1" in found(card(relationships=(resumed,)))) is flagged


def test_it_stands_behind_those_that_ask_for_nothing() -> None:
    resting = replace(COACHED, accepted_at=None, paused_at=NOW - timedelta(hours=1))
    entries = [
        entry_until(replace(card(relationships=(each,)), teacher=teacher), NONE, NOW)[0]
        for teacher, each in (("paused", resting), ("quiet", COACHED), ("flagged", LATE))
    ]
    assert [each.card.teacher for each in in_order(entries, NOW)] == ["flagged", "quiet", "paused"]
    assert [each.card.paused_at for each in entries] == [resting.paused_at, None, None]
