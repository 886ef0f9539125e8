"""A trial of a strategy: what it lets whom do when, held against a model of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.chassis.kernel import Fault, Kind
from services.goals.comment.domain import COMMENTS
from services.goals.evidence.domain import Evidence, GoalEvidenceKind
from services.goals.trial.domain import Trial, TrialEvent
from services.goals.trial.outline import (
    MOST_REFLECTIONS,
    MOST_RESULTS,
    TrialOutcome,
    TrialState,
)
from tests.support.clocks import START
from tests.support.practices import CANARY, COACH, TEACHER, new_trial

DAY = "2026-10-12"
LATER = START + timedelta(hours=3)


def agreed() -> Trial:
    trial = new_trial()
    trial.take_event()
    trial.agree(TEACHER, START, DAY)
    return trial


def after(*steps: str) -> Trial:
    """Agreed, and then these steps, an hour between."""
    trial = agreed()
    for number, step in enumerate(steps):
        trial.take_event()
        at = START + timedelta(hours=number)
        if step == "reflect":
            trial.reflect(TEACHER, at, CANARY, False)
        elif step == "close":
            trial.close(TEACHER, at, TrialOutcome.KEEP)
        else:
            getattr(trial, step)(TEACHER, at)
    trial.take_event()
    return trial


def refused(code: str, act: object) -> None:
    assert callable(act)
    with pytest.raises(Fault) as raised:
        act()
    assert raised.value.code == code


def test_what_she_plans_herself_is_open_at_once() -> None:
    mine = new_trial(TEACHER)
    assert (mine.state, mine.agreed_at, mine.check_back) == (TrialState.OPEN, START, DAY)


def test_what_her_coach_proposes_waits_for_her() -> None:
    trial = new_trial()
    assert (trial.state, trial.agreed_at, trial.check_back) == (TrialState.PROPOSED, None, "")
    trial.take_event()
    refused("owner_only", lambda: trial.agree(COACH, START, DAY))
    trial.agree(TEACHER, LATER, DAY)
    assert (trial.state, trial.agreed_at, trial.check_back) == (TrialState.OPEN, LATER, DAY)


def test_it_needs_something_to_try_and_something_that_it_comes_from() -> None:
    refused("nothing_to_try", lambda: new_trial(strategy="", words=""))
    refused("no_origin", lambda: new_trial(goal="", observation="", takeaway=""))
    assert new_trial(goal="").observation
    assert new_trial(strategy="").words


@pytest.mark.parametrize("step", ["decline", "rehearse", "try_out", "step_back"])
def test_her_coach_takes_none_of_her_steps(step: str) -> None:
    trial = new_trial() if step == "decline" else after("rehearse")
    refused("owner_only", lambda: getattr(trial, step)(COACH, START))


def test_her_coach_neither_reflects_nor_closes() -> None:
    refused("owner_only", lambda: after("try_out").reflect(COACH, START, CANARY, True))
    closing = after("try_out", "reflect")
    refused("owner_only", lambda: closing.close(COACH, START, TrialOutcome.DROP))


def test_a_proposal_is_taken_back_by_its_author_until_she_has_agreed() -> None:
    proposal = new_trial()
    proposal.take_event()
    refused("owner_only", lambda: proposal.withdraw("coach-2", START))
    proposal.withdraw(COACH, START)
    refused("owner_only", lambda: after().withdraw(COACH, START))
    refused("already_tried", lambda: after("try_out").withdraw(TEACHER, START))


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        (["rehearse"], TrialState.OPEN),
        (["try_out"], TrialState.OPEN),
        (["rehearse", "try_out"], TrialState.REHEARSED),
        (["try_out", "reflect", "close"], TrialState.REFLECTED),
    ],
)
def test_a_step_is_taken_back_for_a_day(steps: list[str], state: TrialState) -> None:
    trial = after(*steps)
    since = trial.last_step_at
    assert since is not None
    late = since + timedelta(days=1, milliseconds=1)
    refused("step_for_good", lambda: trial.step_back(TEACHER, late))
    trial.step_back(TEACHER, since + timedelta(days=1))
    assert (trial.state, trial.outcome, trial.closed_at) == (state, "", None)


def test_what_she_has_written_is_not_taken_back_but_written_anew() -> None:
    trial = after("try_out", "reflect")
    refused("no_step", lambda: trial.step_back(TEACHER, START))
    trial.reflect(TEACHER, LATER, "anew", False)
    assert [each.text for each in trial.earlier_reflections] == [CANARY]
    assert (trial.reflection, trial.reflected_at) == ("anew", LATER)


def test_showing_it_is_no_new_reflection() -> None:
    trial = after("try_out", "reflect")
    before = trial.reflected_at
    assert not trial.reflection_visible_to(COACH)
    trial.reflect(TEACHER, LATER, CANARY, True)
    assert trial.reflection_visible_to(COACH)
    assert (trial.earlier_reflections, trial.reflected_at) == ((), before)
    trial.take_event()
    trial.reflect(TEACHER, LATER, CANARY, False)
    assert not trial.reflection_visible_to(COACH)
    assert trial.reflection_visible_to(TEACHER)


def test_once_it_is_closed_she_shows_and_hides_it_and_writes_nothing_anew() -> None:
    trial = after("try_out", "reflect", "close")
    before = (trial.state, trial.closed_at, trial.reflected_at)
    for shown in (True, False):
        trial.reflect(TEACHER, LATER + timedelta(days=9), CANARY, shown)
        assert trial.take_event() is not None
        assert trial.reflection_visible_to(COACH) is shown
    refused("not_tried", lambda: trial.reflect(TEACHER, LATER, "anew", False))
    refused("owner_only", lambda: trial.reflect(COACH, LATER, CANARY, True))
    assert (trial.state, trial.closed_at, trial.reflected_at) == before
    assert (trial.reflection, trial.earlier_reflections) == (CANARY, ())


def test_what_is_kept_of_it_has_a_bound() -> None:
    trial = after("try_out", "reflect")
    for number in range(MOST_REFLECTIONS):
        trial.reflect(TEACHER, LATER, str(number), False)
        trial.take_event()
    refused("too_many_reflections", lambda: trial.reflect(TEACHER, LATER, "one more", False))


def test_nobody_takes_the_room_that_another_needs_for_her_comments() -> None:
    """Nor does who takes hers away again and again."""
    trial = after()
    by = [COACH] * COMMENTS.by_one + ["peer"] * (COMMENTS.by_others - COMMENTS.by_one)
    for number, each in enumerate(by, 1):
        trial.comment(each, LATER, CANARY)
        trial.take_event()
        trial.void_comment(number, each, LATER)
        trial.take_event()
    for each in (COACH, "peer", "third"):
        refused("too_many_comments", lambda by=each: trial.comment(by, LATER, CANARY))
    for _ in range(COMMENTS.most - COMMENTS.by_others):
        trial.comment(TEACHER, LATER, CANARY)
        trial.take_event()
    refused("too_many_comments", lambda: trial.comment(TEACHER, LATER, CANARY))


def test_a_comment_is_its_authors_to_take_away() -> None:
    trial = after()
    trial.comment(COACH, LATER, CANARY)
    trial.take_event()
    refused("author_only", lambda: trial.void_comment(1, TEACHER, LATER))
    refused("not_found", lambda: trial.void_comment(2, COACH, LATER))
    trial.void_comment(1, COACH, LATER)
    assert [(each.text, each.voided_by) for each in trial.comments] == [("", COACH)]
    trial.take_event()
    refused("comment_voided", lambda: trial.void_comment(1, COACH, LATER))


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_a_comment_is_taken_away_from_what_is_no_more_to_be_tried(end: str) -> None:
    trial = new_trial()
    trial.take_event()
    trial.comment(COACH, START, CANARY)
    trial.take_event()
    getattr(trial, end)(TEACHER if end == "decline" else COACH, START)
    trial.take_event()
    refused("trial_taken_back", lambda: trial.comment(COACH, LATER, CANARY))
    trial.void_comment(1, COACH, LATER)
    assert [each.text for each in trial.comments] == [""]


def decided(*seen: str) -> Trial:
    trial = after("try_out", "reflect")
    named = [(GoalEvidenceKind.SURVEY, each) for each in seen]
    trial.close(TEACHER, LATER, TrialOutcome.KEEP, named)
    trial.take_event()
    return trial


def test_by_what_she_decides_is_linked_once_and_stays_when_she_takes_the_close_back() -> None:
    trial = after("try_out", "reflect")
    trial.link_result(GoalEvidenceKind.SURVEY, "one", TEACHER, LATER)
    assert trial.take_event() is TrialEvent.RESULT_LINKED
    trial.link_result(GoalEvidenceKind.SURVEY, "one", TEACHER, LATER)
    assert trial.take_event() is None
    seen = [(GoalEvidenceKind.SURVEY, "one"), (GoalEvidenceKind.OBSERVATION, "one")]
    trial.close(TEACHER, LATER, TrialOutcome.KEEP, seen)
    assert trial.take_event() is TrialEvent.CLOSED
    kinds = [each.kind for each in trial.results]
    assert kinds == [GoalEvidenceKind.SURVEY, GoalEvidenceKind.OBSERVATION]
    trial.step_back(TEACHER, LATER)
    trial.take_event()
    assert (trial.outcome, len(trial.results)) == ("", 2)


def test_results_are_hers_to_link_and_void_also_once_it_is_closed() -> None:
    trial = decided("one")
    link = partial(trial.link_result, GoalEvidenceKind.OBSERVATION, "two")
    refused("owner_only", lambda: link(COACH, LATER))
    refused("owner_only", lambda: trial.void_result(1, COACH, LATER))
    refused("not_found", lambda: trial.void_result(2, TEACHER, LATER))
    link(TEACHER, LATER)
    trial.take_event()
    trial.void_result(1, TEACHER, LATER)
    assert trial.take_event() is TrialEvent.RESULT_VOIDED
    refused("evidence_voided", lambda: trial.void_result(1, TEACHER, LATER))
    assert (trial.state, trial.outcome) == (TrialState.CLOSED, TrialOutcome.KEEP)
    early = after()
    refused("not_tried", lambda: early.link_result(GoalEvidenceKind.SURVEY, "x", TEACHER, LATER))


def test_results_have_a_bound_with_those_that_were_voided() -> None:
    trial = decided(*map(str, range(MOST_RESULTS)))
    trial.void_result(1, TEACHER, LATER)
    trial.take_event()
    more = partial(trial.link_result, GoalEvidenceKind.SURVEY, "more", TEACHER, LATER)
    refused("too_many_results", more)
    whole = [(GoalEvidenceKind.SURVEY, str(each)) for each in range(MOST_RESULTS + 1)]
    open_ = after("try_out", "reflect")
    close = partial(open_.close, TEACHER, LATER, TrialOutcome.DROP, whole)
    refused("too_many_results", close)


def test_another_time_counts_from_today_once_she_has_agreed() -> None:
    proposal = new_trial()
    proposal.take_event()
    proposal.edit(COACH, LATER, words=None, check_back_in=9, check_back="2026-10-20")
    assert (proposal.check_back_in, proposal.check_back) == (9, "")
    mine = after()
    mine.edit(TEACHER, LATER, words="", check_back_in=9, check_back="2026-10-20")
    assert (mine.words, mine.check_back) == ("", "2026-10-20")
    mine.take_event()
    mine.edit(TEACHER, LATER, words="", check_back_in=None, check_back="")
    assert mine.take_event() is None


def test_with_her_record_goes_all_that_she_wrote() -> None:
    trial = new_trial(TEACHER)
    trial.take_event()
    trial.comment(TEACHER, LATER, CANARY)
    trial.take_event()
    trial.results = (Evidence(GoalEvidenceKind.SURVEY, "one", TEACHER, LATER),)
    trial.transfer("teacher-2")
    assert trial.results[0].by == "teacher-2"
    assert (trial.teacher, trial.planned_by, trial.comments[0].by) == ("teacher-2",) * 3
    assert trial.transferred_from == TEACHER


WHO = st.sampled_from([TEACHER, COACH, "coach-2"])
NEXT = {
    "agree": {"proposed": "open"},
    "decline": {"proposed": "declined"},
    "withdraw": {"proposed": "withdrawn", "open": "withdrawn", "rehearsed": "withdrawn"},
    "rehearse": {"open": "rehearsed"},
    "try_out": {"open": "tried", "rehearsed": "tried"},
    "reflect": {"tried": "reflected", "reflected": "reflected"},
    "close": {"reflected": "closed"},
}


class TrialLives(RuleBasedStateMachine):
    """The model: a word, what it was before it was tried, and when the last step was."""

    def __init__(self) -> None:
        super().__init__()
        self.trial = new_trial()
        self.trial.take_event()
        self.state, self.rehearsed = "proposed", False
        self.now = START
        self.stepped: datetime | None = None
        self.written = 0

    @rule(step=st.sampled_from(sorted(NEXT)), who=WHO, hours=st.integers(0, 30))
    def steps(self, step: str, who: str, hours: int) -> None:
        self.now += timedelta(hours=hours)
        proposal = step == "withdraw" and self.state == "proposed" and who == COACH
        expected = NEXT[step].get(self.state) if who == TEACHER or proposal else None
        if not self._done(step, who):
            assert expected is None
            return
        assert expected is not None
        self.state = expected
        self.rehearsed |= step == "rehearse"
        if step in ("rehearse", "try_out", "close"):
            self.stepped = self.now

    @rule(who=WHO, hours=st.integers(0, 30))
    def steps_back(self, who: str, hours: int) -> None:
        self.now += timedelta(hours=hours)
        since = self.trial.last_step_at
        there = self.state in ("rehearsed", "tried", "closed") and since is not None
        fresh = since is not None and self.now - since <= timedelta(days=1)
        assert self._done("step_back", who) is (who == TEACHER and there and fresh)
        if who == TEACHER and there and fresh:
            back = {"rehearsed": "open", "tried": "rehearsed" if self.rehearsed else "open"}
            self.rehearsed &= self.state != "rehearsed"
            self.state = back.get(self.state, "reflected")

    def _done(self, step: str, who: str) -> bool:
        self.written += 1  # no two reflections say the same
        more = {
            "agree": (DAY,),
            "reflect": (f"{CANARY} {self.written}", False),
            "close": (TrialOutcome.KEEP,),
        }.get(step, ())
        before = repr(self.trial)
        try:
            getattr(self.trial, step)(who, self.now, *more)
        except Fault as fault:
            refusal = fault.kind
        else:
            assert self.trial.take_event() is not None
            return True
        assert repr(self.trial) == before, "a refusal changes nothing"
        assert refusal in (Kind.FORBIDDEN, Kind.CONFLICT, Kind.LIMITED)
        if refusal is Kind.LIMITED:
            assert len(self.trial.earlier_reflections) == MOST_REFLECTIONS
            return who == TEACHER and self.state in ("tried", "reflected")
        return False

    @invariant()
    def it_says_what_the_model_says(self) -> None:
        trial = self.trial
        assert trial.state.value == self.state
        assert (trial.rehearsed_at is not None) is self.rehearsed
        assert (trial.outcome != "") is (self.state == "closed")
        assert (trial.agreed_at is None) is (self.state in ("proposed", "declined")) or (
            self.state == "withdrawn"
        )
        assert (trial.tried_at is not None) is (self.state in ("tried", "reflected", "closed"))


TestTrialLives = TrialLives.TestCase
TestTrialLives.settings = settings(max_examples=500, stateful_step_count=50, deadline=None)
