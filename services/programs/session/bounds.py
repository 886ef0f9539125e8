"""How many coaching sessions there may be in a school year."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.write.documents import Scalar
from services.chassis.write.quota import Bound
from services.programs.session.domain import CoachingSession
from services.programs.session.outline import CoachingSessionState

MOST_OF_A_COACH = 4_000  # in a school year, with what was taken back
MOST_OF_A_TEACHER = 600  # in a school year, without what was cancelled
MOST_OF_THE_TWO = 400  # of these of one coach, or without any in her circles
MOST_BY_ONE = 150  # of these without a coach that one colleague has planned
MOST_PLANNED = 1_000  # by somebody in her circles, with what was taken back
_CANCELLED = {"state": CoachingSessionState.CANCELLED.value}


def bounds_of(session: CoachingSession, places: int = 1) -> Sequence[Bound]:
    """How many there may be in a school year, of its coach and of each whom it is of, for so many
    more of its kind, and of the two, so that another coach of hers finds places. What was cancelled
    takes nothing from a teacher, only from the coach."""
    year = session.school_year
    if session.circle:
        return _bounds_of_peers(session, places)
    coach = f"A coach has at most {MOST_OF_A_COACH} sessions in a school year."
    hers = f"A teacher has at most {MOST_OF_A_TEACHER} sessions in a school year."
    code = "too_many_sessions"
    of_her: dict[str, Scalar] = {"coach": session.coach, "school_year": year}
    bounds = [Bound(of_her, MOST_OF_A_COACH, code, coach, places=places)]
    for each in session.teachers:
        of: dict[str, Scalar] = {"teachers": each, "school_year": year}
        bounds.append(Bound(of, MOST_OF_A_TEACHER, code, hers, _CANCELLED, places))
        two = f"One coach has at most {MOST_OF_THE_TWO} sessions with a teacher in a school year."
        of_two = of | {"coach": session.coach}
        bounds.append(Bound(of_two, MOST_OF_THE_TWO, code, two, _CANCELLED, places))
    return bounds


def _bounds_of_peers(session: CoachingSession, places: int) -> Sequence[Bound]:
    """So that neither her circles nor one colleague take all her places."""
    by, code = session.scheduled_by, "too_many_sessions"
    hers = f"A teacher has at most {MOST_OF_A_TEACHER} sessions in a school year."
    peers = f"A teacher has at most {MOST_OF_THE_TWO} of her pairs and groups in a school year."
    one = f"One person plans at most {MOST_BY_ONE} with another in a school year."
    most = f"One person plans at most {MOST_PLANNED} in a school year."
    bounds = []
    for each in session.teachers:
        of: dict[str, Scalar] = {"teachers": each, "school_year": session.school_year}
        bounds.append(Bound(of, MOST_OF_A_TEACHER, code, hers, _CANCELLED, places))
        of = of | {"coach": ""}
        bounds.append(Bound(of, MOST_OF_THE_TWO, code, peers, _CANCELLED, places))
        of = of | {"scheduled_by": by}
        if each == by:
            bounds.append(Bound(of, MOST_PLANNED, code, most, places=places))
        else:
            bounds.append(Bound(of, MOST_BY_ONE, code, one, _CANCELLED, places))
    return bounds
