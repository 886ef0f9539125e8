"""What a data-use policy says, and which of two allows less.

Each term has a direction, so that policies are a partial order: one is *looser* than another by
every term in which it allows something that the other does not. How long records are kept has two:
longer is looser for who is written about, and shorter takes away what shows a teacher's growth or
who looked at it. So any change of it counts as looser.
"""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.kernel import invalid

FORMAT = "tandem-data-use-policy-1"
COACHING = "coaching"  # the one purpose there is: Tandem refuses every other, whoever signs it


class Audience(enum.StrEnum):
    """Who beside the teacher may be shown what is hers."""

    COACH = "coach"
    PARTNER = "partner"


class LeadersSee(enum.StrEnum):
    NOTHING = "nothing"
    COUNTS = "counts"


class Recording(enum.StrEnum):
    """Of sound or picture in a lesson."""

    NONE = "none"
    WITH_CONSENT = "with_consent"


class RecordClass(enum.StrEnum):
    """The classes of records that are kept for a time."""

    CIRCLES = "circles"
    COACHING_OFFERS = "coaching_offers"
    COACHING_REQUESTS = "coaching_requests"
    COACHING_SESSIONS = "coaching_sessions"
    COMMUNITY_MEETINGS = "community_meetings"
    ENROLLMENTS = "enrollments"
    GOALS = "goals"
    LOOKS = "looks"
    OBSERVATIONS = "observations"
    PAIR_INTERESTS = "pair_interests"
    PLANNING_RECORDS = "planning_records"
    RELATIONSHIPS = "relationships"
    SURVEYS = "surveys"
    TRAININGS = "trainings"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days records of a class are kept after their school year."""

    record: RecordClass
    days: int


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """`retention`: a class that is not in it is kept for good. `teacher_first_hours`: how long she
    alone sees a survey's results. `representatives_sign`: how many representatives of the teachers
    sign this version, and the next one."""

    purposes: tuple[str, ...]
    audiences: tuple[Audience, ...]
    acknowledge_before_sharing: bool
    leaders_see: LeadersSee
    retention: tuple[Retention, ...]
    teacher_first_hours: int
    recording: Recording
    representatives_sign: int

    def check(self) -> None:
        """Raises Fault INVALID for a purpose that is not coaching, and for what is said twice."""
        if set(self.purposes) != {COACHING}:
            told = "Coaching data serves coaching purposes only, whoever signs otherwise."
            raise invalid("purpose_not_allowed", told, "/purposes")
        records = [each.record for each in self.retention]
        if len(set(records)) < len(records):
            raise invalid("record_twice", "Each class of records is named once.", "/retention")

    def in_order(self) -> PolicyTerms:
        """The same, as it is signed: each list in the order of its words, each word once."""
        return PolicyTerms(
            purposes=tuple(sorted(set(self.purposes))),
            audiences=tuple(sorted(set(self.audiences))),
            acknowledge_before_sharing=self.acknowledge_before_sharing,
            leaders_see=self.leaders_see,
            retention=tuple(sorted(self.retention, key=lambda each: each.record)),
            teacher_first_hours=self.teacher_first_hours,
            recording=self.recording,
            representatives_sign=self.representatives_sign,
        )

    def told(self) -> Mapping[str, Any]:
        """As JSON has it."""
        return {
            "purposes": list(self.purposes),
            "audiences": [each.value for each in self.audiences],
            "acknowledge_before_sharing": self.acknowledge_before_sharing,
            "leaders_see": self.leaders_see.value,
            "retention": [
                {"record": each.record.value, "days": each.days} for each in self.retention
            ],
            "teacher_first_hours": self.teacher_first_hours,
            "recording": self.recording.value,
            "representatives_sign": self.representatives_sign,
        }


_LEADERS, _RECORDING = tuple(LeadersSee), tuple(Recording)  # what allows least first


# Of each term whether the first policy allows by it what the other does not.
_LOOSER: Mapping[str, Callable[[PolicyTerms, PolicyTerms], bool]] = {
    "purposes": lambda one, other: not set(one.purposes) <= set(other.purposes),
    "audiences": lambda one, other: not set(one.audiences) <= set(other.audiences),
    "acknowledge_before_sharing": lambda one, other: (
        one.acknowledge_before_sharing < other.acknowledge_before_sharing
    ),
    "leaders_see": lambda one, other: (
        _LEADERS.index(one.leaders_see) > _LEADERS.index(other.leaders_see)
    ),
    "retention": lambda one, other: set(one.retention) != set(other.retention),
    "teacher_first_hours": lambda one, other: one.teacher_first_hours < other.teacher_first_hours,
    "recording": lambda one, other: (
        _RECORDING.index(one.recording) > _RECORDING.index(other.recording)
    ),
    "representatives_sign": lambda one, other: (
        one.representatives_sign < other.representatives_sign
    ),
}


def looser_in(one: PolicyTerms, other: PolicyTerms) -> tuple[str, ...]:
    """The terms by which `one` is looser than `other`; none where it allows nothing that the other
    does not, and keeps everything as long."""
    return tuple(name for name, looser in _LOOSER.items() if looser(one, other))


def needed_of(
    terms: PolicyTerms, previous: PolicyTerms | None, *, reworded: bool, represented: bool
) -> int:
    """How many representatives have to sign a version after `previous`. `reworded`: its statement
    has other words. `represented`: the teachers have representatives, or had when any version
    before was signed by one: then one signs other words, too."""
    if previous is None:
        return terms.representatives_sign
    loosened = bool(looser_in(terms, previous))
    one = 1 if loosened or (reworded and represented) else 0
    return max(terms.representatives_sign, previous.representatives_sign, one)


def canonical(document: Mapping[str, Any]) -> bytes:
    """What is signed and hashed: JSON in UTF-8 without white space, its names in order. It has
    texts, integers, booleans and lists of these, so it is that of RFC 8785, too."""
    told = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return told.encode()


def digest(raw: bytes) -> str:
    """SHA-256, in lower-case hex."""
    return hashlib.sha256(raw).hexdigest()
