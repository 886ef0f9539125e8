"""Whatever is done with a coaching session, in whatever order: its state and minutes are those of a
model that says so in other words, and whoever follows its events by key is told of it exactly as
long as it is hers."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.kernel import Fault
from services.programs.session.codec import COACHING_SESSIONS
from services.programs.session.domain import MOST_CORRECTIONS, CoachingSession
from services.programs.session.outline import Activity, Modality, Recorded, SessionKind, TimeSpent
from tests.support.clocks import START
from tests.support.golden import message_class

COACH = "c"
TEACHERS = ("t1", "t2", "t3", "t4")
PEOPLE = (COACH, *TEACHERS, "stranger")
people = st.sampled_from((*[COACH] * len(PEOPLE), *PEOPLE))  # else little happens
some = st.lists(st.sampled_from(TEACHERS), min_size=0, max_size=4, unique=True).map(tuple)
spent = st.dictionaries(st.sampled_from(Activity), st.integers(1, 400), max_size=3)
NEXT = {  # state -> what its coach may do with it, and what it is then
    "scheduled": {"hold": "held", "miss": "missed", "cancel": "cancelled"},
    "held": {"summarize": "summarized", "void": "voided", "correct": "held"},
    "summarized": {"void": "voided", "correct": "summarized"},
    "missed": {"void": "voided"},
}


class Life(RuleBasedStateMachine):
    """`state`, `minutes` and `of` are the model's; `told` is what each person's own view shows."""

    @initialize(teachers=some.filter(bool), group=st.booleans())
    def begins(self, teachers: tuple[str, ...], group: bool) -> None:
        one = len(teachers) == 1 and not group
        self.kind = SessionKind.INDIVIDUAL if one else SessionKind.WORKSHOP
        self.session = CoachingSession(
            id="s1",
            district="north",
            coach=COACH,
            teachers=teachers,
            kind=self.kind,
            school_year=2027,
            starts_at=START,
            scheduled_by=COACH,
            scheduled_at=START,
        ).scheduled()
        self.state, self.minutes, self.of = "scheduled", 0, set(teachers)
        self.at, self.invited = START, len(teachers)
        self.told: dict[str, Any] = {}
        self.given_up = set[str]()  # records that are another's now
        self.publish()

    def publish(self) -> None:
        """Its event, as those get it who read by key."""
        event = self.session.take_event()
        if event is None:
            return
        encoded = COACHING_SESSIONS.encode(self.session, event)
        said: Any = message_class(encoded.type).FromString(encoded.data)
        for key in encoded.keys:
            person = key.removeprefix("north:")
            hers = person in said.coaching_session.teacher_ids
            self.told[person] = said.coaching_session.minutes if hers else None

    def does(self, what: str, by: str, act: Any, good: bool = True) -> bool:
        """Whether it was done, which it is where the model says that it may be, and that what is
        said is `good`."""
        self.at += timedelta(minutes=1)
        hers = what == "cancel" and self.kind is SessionKind.INDIVIDUAL and by in self.of
        may = what in NEXT.get(self.state, ()) and (by == COACH or hers)
        try:
            act()
        except Fault:
            assert self.session.take_event() is None
            full = len(self.session.corrections) >= MOST_CORRECTIONS
            assert full or not (may and good), (what, by, self.state)
            return False
        assert may, (what, by, self.state)
        assert good, (what, self.kind)
        self.state = NEXT[self.state][what]
        self.publish()
        return True

    @rule(by=people, came=some, spent=spent, again=st.booleans())
    def holds(
        self, by: str, came: tuple[str, ...], spent: dict[Activity, int], again: bool
    ) -> None:
        what = "correct" if again else "hold"
        activities = tuple(TimeSpent(*each) for each in spent.items())
        summary = self.session.summary
        said = Recorded(self.at, activities, came, Modality.PHONE, summary=summary)

        def act() -> None:
            if again:
                self.session.correct(by, self.at, said, "So")
            else:
                self.session.hold(by, self.at, said)

        strangers = not again and not self.of.issuperset(came)
        one = self.kind is SessionKind.INDIVIDUAL and set(came) != self.of
        good = bool(came) and sum(spent.values()) <= 720 and not strangers and not one
        if self.does(what, by, act, good):
            self.minutes, self.of = sum(spent.values()), set(came)

    @rule(by=people)
    def misses(self, by: str) -> None:
        self.does("miss", by, lambda: self.session.miss(by, self.at, []))

    @rule(by=people)
    def cancels(self, by: str) -> None:
        self.does("cancel", by, lambda: self.session.cancel(by, self.at))

    @rule(by=people)
    def summarizes(self, by: str) -> None:
        self.does("summarize", by, lambda: self.session.summarize(by, self.at, "So"))

    @rule(by=people)
    def voids(self, by: str) -> None:
        self.does("void", by, lambda: self.session.void(by, self.at, "So"))

    @rule(by=people)
    def moves(self, by: str) -> None:
        self.at += timedelta(minutes=1)
        with suppress(Fault):
            self.session.reschedule(by, self.at, self.at)
            assert (self.state, by) == ("scheduled", COACH)
        self.publish()

    @rule(before=st.sampled_from(TEACHERS), after=st.sampled_from(TEACHERS))
    def is_another_record(self, before: str, after: str) -> None:
        """Where one that was given up is given back, both may be of it."""
        if before == after or before not in self.of:
            return
        self.session.transfer(before, after)
        self.given_up = self.given_up - {after} | {before}
        both = {*self.session.teachers} - {after} == self.of - {after}
        self.of = self.of | {after} if both else self.of - {before} | {after}
        self.publish()

    @rule(person=st.sampled_from(TEACHERS))
    def is_erased(self, person: str) -> None:
        """What takes its place says nothing of her."""
        if not self.of - {person}:
            return
        rest = self.session.without(person, "s2")
        assert person not in repr(rest)
        assert (set(rest.teachers), rest.minutes) == (self.of - {person}, self.minutes)

    @invariant()
    def it_is_what_the_model_says(self) -> None:
        assert (self.session.state.value, self.session.minutes) == (self.state, self.minutes)
        assert set(self.session.teachers) == self.of
        assert len(self.session.teachers) == len(self.of)
        assert self.session.invited == self.invited
        assert COACH not in self.of

    @invariant()
    def whoever_was_of_it_is_found_when_she_is_erased(self) -> None:
        found = {*self.session.teachers, *self.session.absent}
        assert not self.of.intersection(self.session.absent)
        assert found >= {each for each in self.told if each in TEACHERS} - self.given_up

    @invariant()
    def who_reads_by_key_is_told_as_long_as_it_is_hers(self) -> None:
        shown = {person for person, minutes in self.told.items() if minutes is not None}
        assert shown == self.of == {each for each in TEACHERS if self.session.visible_to(each)}
        assert all(self.told[person] == self.minutes for person in shown)

    @invariant()
    def what_is_stored_is_the_same(self) -> None:
        state = COACHING_SESSIONS.to_state(self.session)
        kept = COACHING_SESSIONS.from_state("s1", "north", 0, state)
        assert kept == self.session


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
