"""A community meeting against a model: whatever its people do, in whatever order, who has not said
that she comes is told to nobody but who asked her, and who has left leaves no trace."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.kernel import Fault
from services.programs.meeting.codec import COMMUNITY_MEETINGS, community_meeting_snapshot
from services.programs.meeting.domain import MOST_SITTINGS, CommunityMeeting, MeetingPlan
from services.programs.meeting.outline import AgendaItem, MeetingProtocol, MeetingState
from services.programs.takeaway.domain import Takeaway
from tests.support.clocks import START

LEAD = "lead"
PEOPLE = [f"t-{number}" for number in range(5)]
WHO = st.sampled_from([*PEOPLE, LEAD])
AGREED = MeetingPlan(START, 60, MeetingProtocol.OPEN, ())


def planned(by: str = LEAD, members: list[str] = PEOPLE[:3]) -> CommunityMeeting:
    meeting = CommunityMeeting.plan(
        id="4b0c9a4e-0000-4000-8000-000000000001",
        district="north",
        by=by,
        at=START,
        year=2027,
        agreed=AGREED,
        members=members,
    )
    meeting.take_event()
    return meeting


class Meetings(RuleBasedStateMachine):
    """The model: who is asked, whether each has said yes, how often each has left, whether it is to
    come, and when it is over; it is START all along."""

    @initialize(by=st.sampled_from([LEAD, PEOPLE[0]]))
    def begin(self, by: str) -> None:
        self.meeting, self.by = planned(by), by
        self.asked = {each: each == by for each in PEOPLE[:3]}
        self.state, self.agreed = MeetingState.PLANNED, AGREED
        self.left = dict.fromkeys(PEOPLE, 0)

    def _may(self, allowed: bool, act: str, *args: object) -> bool:
        """Whether it was done, which must be as the model says; takes the event, as a command
        does."""
        try:
            getattr(self.meeting, act)(*args)
        except Fault:
            assert not allowed
            return False
        assert allowed
        event = self.meeting.take_event()
        if event is not None:
            encoded = COMMUNITY_MEETINGS.encode(self.meeting, event)
            assert {f"north:{each}" for each in self.asked} <= {*encoded.keys, *self._gone(event)}
        return True

    def _gone(self, event: object) -> set[str]:
        return {f"north:{each}" for each in getattr(event, "left", ())}

    @property
    def _to_come(self) -> bool:
        return self.state is MeetingState.PLANNED

    @property
    def _not_over(self) -> bool:
        return self._to_come and self.agreed.ends_at > START

    @rule(who=WHO)
    def join(self, who: str) -> None:
        if self._may(who in self.asked and self._not_over, "join", who, START):
            self.asked[who] = True

    @rule(who=WHO)
    def step_out(self, who: str) -> None:
        if self._may(who in self.asked, "step_out", who, START):
            del self.asked[who]
            self.left[who] += 1

    @rule(who=WHO, people=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3))
    def invite(self, who: str, people: list[str]) -> None:
        if self._may(who == self.by and self._not_over, "invite", who, START, people):
            for each in people:
                if self.left[each] < 2 or each == self.by:
                    self.asked.setdefault(each, each == self.by)

    @rule(who=WHO, days=st.integers(-1, 1))
    def edit(self, who: str, days: int) -> None:
        if self.meeting.sitting < MOST_SITTINGS:
            agreed = MeetingPlan(START - timedelta(days=days), 60, MeetingProtocol.TUNING, ())
            moves = agreed.starts_at != self.agreed.starts_at
            allowed = who == self.by and (self._not_over if moves else self._to_come)
            if self._may(allowed, "edit", who, START, agreed):
                self.agreed = agreed

    @rule(who=WHO, how=st.sampled_from(["hold", "cancel"]))
    def end(self, who: str, how: str) -> None:
        said = ("session",) if how == "hold" else ()
        begun = how == "cancel" or self.agreed.starts_at <= START
        if self._may(who == self.by and self._to_come and begun, how, who, START, *said):
            self.state = MeetingState.HELD if how == "hold" else MeetingState.CANCELLED

    @invariant()
    def nobody_is_told_of_who_has_not_agreed(self) -> None:
        members = {each.person: each.joined for each in self.meeting.members}
        assert (members, self.meeting.state) == (self.asked, self.state)
        for reader in (*PEOPLE, LEAD, ""):
            told = {each.person for each in self.meeting.told_of(reader)}
            if reader == self.by:
                assert told == set(self.asked)
            elif self.asked.get(reader):
                assert told == {each for each, joined in self.asked.items() if joined}
            else:
                assert told == {reader} & set(self.asked)
            assert self.meeting.is_in(reader) == (reader == self.by or bool(self.asked.get(reader)))

    @invariant()
    def who_has_left_leaves_no_trace(self) -> None:
        said = str(community_meeting_snapshot(self.meeting))
        assert all(each in said for each in self.asked)
        gone = set(PEOPLE) - set(self.asked) - {self.by}
        assert not any(f'"{each}"' in said or each in self.meeting.named for each in gone)


TestMeetings = Meetings.TestCase
TestMeetings.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_at_another_time_it_is_another_sitting() -> None:
    meeting = planned()
    meeting.edit(LEAD, START, MeetingPlan(START, 90, MeetingProtocol.OPEN, ()))
    assert meeting.sitting == 1
    meeting.take_event()
    meeting.edit(LEAD, START, MeetingPlan(START + timedelta(hours=1), 90, MeetingProtocol.OPEN, ()))
    assert (meeting.sitting, meeting.minutes) == (2, 90)


def test_an_agenda_takes_no_longer_than_the_meeting() -> None:
    agenda = (AgendaItem("one", 40), AgendaItem("two", 21))
    with pytest.raises(Fault, match="longer"):
        planned().edit(LEAD, START, MeetingPlan(START, 60, MeetingProtocol.OPEN, agenda))


def test_parted_again_it_names_whom_it_named() -> None:
    meeting = planned()
    meeting.join(PEOPLE[0], START)
    before = {each.person for each in meeting.members}
    meeting.take_event()
    meeting.transfer(PEOPLE[0], "new", START)
    assert meeting.member("new") is not None
    assert "new" not in meeting.joined  # she is asked anew
    meeting.take_event()
    meeting.transfer("new", PEOPLE[0], START)
    assert {each.person for each in meeting.members} == before


def test_both_records_of_it_are_both_of_it_once_parted() -> None:
    meeting = planned()
    meeting.transfer(PEOPLE[0], PEOPLE[1], START)
    assert [each.person for each in meeting.members] == PEOPLE[1:3]
    meeting.take_event()
    meeting.transfer(PEOPLE[1], PEOPLE[0], START)
    assert {each.person for each in meeting.members} == set(PEOPLE[:3])


@pytest.mark.parametrize("who", PEOPLE[:2])
def test_once_it_is_over_she_was_in_it_where_either_record_was(who: str) -> None:
    meeting = planned()
    meeting.join(who, START)
    meeting.take_event()
    meeting.hold(LEAD, START, "")
    meeting.take_event()
    meeting.transfer(PEOPLE[0], PEOPLE[1], START)
    assert meeting.joined == (PEOPLE[1],)
    meeting.take_event()
    meeting.transfer(PEOPLE[1], PEOPLE[0], START)
    assert {each.person for each in meeting.members} == set(PEOPLE[:3])
    assert meeting.joined == (who,)  # each as she was


def test_what_takes_its_place_says_so_whichever_of_two_is_erased_first() -> None:
    one = planned(members=PEOPLE[:4]).without(PEOPLE[0], "one")
    other = planned(members=PEOPLE[:4]).without(PEOPLE[1], "other")
    assert one.replaces == (planned().id,)
    both, again = one.without(PEOPLE[1], "both"), other.without(PEOPLE[0], "both")
    both.take_event()
    both.restate(again)
    assert set(both.replaces) == {planned().id, "one", "other"}
    assert both.take_event() is not None
    both.restate(again)
    assert both.take_event() is None


def test_what_is_taken_away_follows_with_who_is_still_of_it() -> None:
    meeting = planned()
    other = meeting.without(PEOPLE[0], "other")
    moved = [
        Takeaway(
            id=each,
            district="north",
            meeting=meeting.id,
            author=each,
            school_year=2027,
            text="I try it",
            written_at=START,
        )
        for each in PEOPLE[:2]
    ]
    for each in moved:
        each.follow(other)
    assert [each.meeting for each in moved] == [meeting.id, "other"]


def test_who_is_another_record_once_it_is_over_is_in_it_as_she_was() -> None:
    meeting = planned()
    meeting.join(PEOPLE[0], START)
    meeting.take_event()
    meeting.transfer(PEOPLE[0], "new", AGREED.ends_at)
    assert meeting.joined == ("new",)


def test_who_has_left_twice_is_not_asked_by_another_record_either() -> None:
    meeting = planned()
    for _ in range(2):
        meeting.invite(LEAD, START, PEOPLE[:1])
        meeting.take_event()
        meeting.step_out(PEOPLE[0], START)
        meeting.take_event()
    meeting.transfer(PEOPLE[0], "new", START)
    meeting.take_event()
    meeting.invite(LEAD, START, ["new"])
    assert (meeting.member("new"), meeting.take_event()) == (None, None)
    assert meeting.without("new", "other").asked_again == ()
