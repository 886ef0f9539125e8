"""A circle against a model: whatever its people do, in whatever order, nobody sees more than who
shows it has said, and who says no is told to nobody."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.chassis.kernel import Fault
from services.programs.circle.codec import CIRCLES, circle_snapshot
from services.programs.circle.domain import MOST_MEMBERS, Circle
from services.programs.circle.outline import Changed, CircleKind, CircleState
from services.programs.relationship.domain import Work
from tests.support.clocks import START

LEAD, ADMIN = "lead", "admin"
PEOPLE = [f"t-{number}" for number in range(5)]
WHO = st.sampled_from([*PEOPLE, LEAD, ADMIN])
SHOWS = st.frozensets(st.sampled_from(list(Work)))


class Circles(RuleBasedStateMachine):
    """The model: what each who is of it shows (None: she has not answered), who has paused it, and
    whether it is over."""

    @initialize(
        kind=st.sampled_from(list(CircleKind)), by=st.sampled_from([PEOPLE[0], LEAD]), shows=SHOWS
    )
    def begin(self, kind: CircleKind, by: str, shows: frozenset[Work]) -> None:
        members = PEOPLE[:2] if kind is CircleKind.PAIR else PEOPLE[:3]
        self.at = START
        self.circle = Circle.propose(
            id="4b0c9a4e-0000-4000-8000-000000000001",
            district="north",
            kind=kind,
            members=members,
            facilitator=LEAD,
            year=2027,
            by=by,
            at=self.at,
            shows=shows,
        )
        self.kind, self.by = kind, by
        self.shows: dict[str, frozenset[Work] | None] = dict.fromkeys(members)
        if by in self.shows:
            self.shows[by] = shows
        self.paused: set[str] = set()
        self.over = False
        self._told()

    def _told(self) -> None:
        """Takes the event, as a command does, and looks at what is published."""
        event = self.circle.take_event()
        if event is None:
            return
        encoded = CIRCLES.encode(self.circle, event)
        left = event.left if isinstance(event, Changed) else ()
        assert set(encoded.keys) == {f"north:{each}" for each in (*self.shows, *left)} or (
            not self.shows
        )

    def _do(self, allowed: bool, act: str, by: str, *more: object) -> bool:
        self.at += timedelta(hours=1)
        before = dataclasses.replace(self.circle)
        try:
            getattr(self.circle, act)(by, self.at, *more)
        except Fault:
            assert not allowed
            assert self.circle == before
            return False
        assert allowed
        return True

    @rule(by=WHO, shows=SHOWS)
    def join(self, by: str, shows: frozenset[Work]) -> None:
        if self._do(by in self.shows and not self.over, "join", by, shows):
            self.shows[by] = shows
        self._told()

    @rule(by=WHO, how=st.sampled_from(["decline", "step_out"]))
    def go(self, by: str, how: str) -> None:
        joined = self.shows.get(by) is not None
        may = by in self.shows and not self.over and joined is (how == "step_out")
        if self._do(may, how, by):
            if self.kind is CircleKind.PAIR:
                self.over = True
            else:
                del self.shows[by]
                self.paused.discard(by)
                self.over = not self.shows
        self._told()

    def _answered(self, by: str) -> bool:
        return by not in self.shows or self.shows[by] is not None

    @rule(by=WHO)
    def pause(self, by: str) -> None:
        if self._do(not self.over and self._answered(by), "pause", by):
            self.paused.add(by)
        self._told()

    @rule(by=WHO)
    def resume(self, by: str) -> None:
        if self._do(not self.over and by in self.paused, "resume", by):
            self.paused.discard(by)
        self._told()

    @rule(by=WHO, whom=st.sampled_from(PEOPLE))
    def invite(self, by: str, whom: str) -> None:
        may = self.kind is CircleKind.GROUP and not self.over and self._answered(by)
        if self._do(may, "invite", by, [whom]):
            self.shows.setdefault(whom, None)
        self._told()

    @precondition(lambda self: self.kind is CircleKind.PAIR or not self.over)
    @rule(by=WHO)
    def end(self, by: str) -> None:
        leaves = self.kind is CircleKind.GROUP and by in self.shows and by != self.by
        if self._do(not self.over and not leaves, "end", by):
            self.over = True
        self._told()

    @precondition(lambda self: self.over and self.kind is CircleKind.PAIR)
    @rule(by=st.sampled_from(PEOPLE[:2]), shows=SHOWS)
    def propose_again(self, by: str, shows: frozenset[Work]) -> None:
        self.at += timedelta(hours=1)
        self.circle.propose_again(PEOPLE[:2], LEAD, by, self.at, tuple(shows))
        self.shows = {each: shows if each == by else None for each in PEOPLE[:2]}
        self.by, self.over, self.paused = by, False, set()
        self._told()

    @rule(whom=st.sampled_from(PEOPLE))
    def another_record(self, whom: str) -> None:
        """Her record is given up for another, and the two are parted again."""
        if whom not in self.circle.people:
            return
        other = f"{whom}-kept"
        self.circle.transfer(whom, other, self.at)
        assert other not in self.circle.joined or self.over
        assert self.circle.member(whom) is None
        self.circle.take_event()
        self.circle.transfer(other, whom, self.at)
        self.circle.take_event()
        assert not self.circle.records
        if whom in self.shows and not self.over:
            self.shows[whom] = None  # she is asked anew

    @invariant()
    def as_the_model_says(self) -> None:
        if not hasattr(self, "circle"):
            return
        assert {each.person for each in self.circle.members} == set(self.shows)
        for each in self.circle.members:
            shows = self.shows[each.person]
            assert each.joined is (shows is not None)
            assert set(each.shows) == set(shows or ())
        met = sum(each is not None for each in self.shows.values()) > 1
        running = CircleState.PAUSED if self.paused else CircleState.ACTIVE
        state = running if met else CircleState.PROPOSED
        assert self.circle.state is (CircleState.ENDED if self.over else state)
        assert set(self.circle.named) == {*self.shows, LEAD}
        assert set(self.shows) <= set(self.circle.people)
        assert len(self.circle.members) <= MOST_MEMBERS
        state_ = CIRCLES.to_state(self.circle)
        read = CIRCLES.from_state(self.circle.id, "north", self.circle.version, state_)
        assert circle_snapshot(read) == circle_snapshot(self.circle)


TestCircles = Circles.TestCase
TestCircles.settings = settings(max_examples=500, stateful_step_count=50, deadline=None)
