"""A walk through a decision tree, held against a model of it."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.chassis.kernel import Fault, Kind
from services.goals.tree.domain import Tree
from services.goals.tree.steps import TreeAnswer, TreeStep
from services.goals.walk.domain import Walk
from services.goals.walk.outline import MOST_MOVES, MOST_REASON_BYTES, OfferKind
from tests.support.clocks import START
from tests.support.practices import CANARY, COACH, TEACHER, new_tree, new_walk

LEADS = {"a": "bc", "b": "ca", "c": "d", "d": ""}
TREE = new_tree(
    tuple(
        TreeStep(
            id=name,
            title=name,
            question="What next?",
            answers=tuple(TreeAnswer(f"to-{to}", to, to, again=to == "a") for to in leads),
            measures=("m1", "m2") if name in "ac" else (),
            tools=("t1",) if name == "b" else (),
        )
        for name, leads in LEADS.items()
    )
)


def walk(*answers: str) -> Walk:
    new = new_walk()
    new.at_step = "a"
    new.take_event()
    for to in answers:
        new.answer(TREE, new.at_step, f"to-{to}", "", TEACHER, START)
        new.take_event()
    return new


def refused(code: str, act: object) -> None:
    assert callable(act)
    with pytest.raises(Fault) as raised:
        act()
    assert raised.value.code == code


def test_it_goes_on_by_what_is_answered_where_it_stands() -> None:
    here = walk("b")
    assert here.at_step == "b"
    refused("another_step", lambda: here.answer(TREE, "a", "to-c", "", TEACHER, START))
    refused("unknown_answer", lambda: here.answer(TREE, "b", "to-d", "", TEACHER, START))


def test_it_ends_at_an_end_with_a_goal() -> None:
    refused("not_at_an_end", lambda: walk("b", "c").complete(TREE, "goal-1", TEACHER, START))
    here = walk("b", "c", "d")
    here.complete(TREE, "goal-1", TEACHER, START)
    assert (here.state, here.goal, here.ended_at) == ("completed", "goal-1", START)
    here.take_event()
    for act in (
        lambda: here.step_back(TEACHER, START),
        lambda: here.abandon(TEACHER, START),
        lambda: here.answer(TREE, "d", "to-a", "", TEACHER, START),
    ):
        refused("walk_over", act)


def test_one_of_each_kind_is_chosen_of_what_the_step_offers() -> None:
    here = walk()
    here.choose(TREE, "a", OfferKind.MEASURE, "m1", CANARY, COACH, START)
    here.take_event()
    here.choose(TREE, "a", OfferKind.MEASURE, "m1", CANARY, TEACHER, START)
    assert here.take_event() is None
    here.choose(TREE, "a", OfferKind.MEASURE, "m2", CANARY, TEACHER, START)
    assert [(each.offered, each.by) for each in here.choices] == [("m2", TEACHER)]
    for other in (OfferKind.TOOL, OfferKind.STRATEGY):

        def chosen(kind: OfferKind = other) -> None:
            here.choose(TREE, "a", kind, "t1", "", TEACHER, START)

        refused("not_offered", chosen)


def test_what_was_taken_back_is_kept_and_what_was_chosen_there_is_not() -> None:
    here = walk("c")
    here.choose(TREE, "c", OfferKind.MEASURE, "m1", "", TEACHER, START)
    here.take_event()
    here.step_back(TEACHER, START)
    assert (here.at_step, here.answers, here.choices) == ("a", (), ())
    assert [each.answer for each in here.taken_back] == ["to-c"]
    here.take_event()
    refused("at_the_beginning", lambda: here.step_back(TEACHER, START))


def test_it_has_a_bound() -> None:
    here = walk()
    for _ in range(MOST_MOVES // 2):
        here.answer(TREE, "a", "to-b", "", TEACHER, START)
        here.take_event()
        here.answer(TREE, "b", "to-a", "", TEACHER, START)
        here.take_event()
    refused("walk_too_long", lambda: here.answer(TREE, "a", "to-b", "", TEACHER, START))


def test_its_reasons_have_a_bound_together_and_it_goes_on_without_one() -> None:
    here, reason = walk(), "ä" * 2_000
    for _ in range(MOST_REASON_BYTES // len(reason.encode())):
        here.answer(TREE, "a", "to-b", reason, TEACHER, START)
        here.take_event()
        here.step_back(TEACHER, START)
        here.take_event()
    refused("walk_too_long", lambda: here.answer(TREE, "a", "to-b", reason, TEACHER, START))
    chosen = (TREE, "a", OfferKind.MEASURE, "m1")
    refused("walk_too_long", lambda: here.choose(*chosen, reason, TEACHER, START))
    here.choose(*chosen, "", TEACHER, START)
    here.take_event()
    here.answer(TREE, "a", "to-b", "", TEACHER, START)
    assert here.at_step == "b"


def test_it_follows_her() -> None:
    here = walk("b", "a")
    here.step_back(TEACHER, START)
    here.take_event()
    here.transfer("teacher-2")
    assert {each.by for each in (*here.answers, *here.taken_back)} == {"teacher-2"}
    assert (here.teacher, here.transferred_from, here.started_by) == ("teacher-2", TEACHER, COACH)


class WalkLives(RuleBasedStateMachine):
    """The model: the way as a list of steps, what was chosen by step and kind, a word."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = walk()
        self.way, self.chosen, self.state = ["a"], dict[tuple[str, str], str](), "underway"
        self.answered = 0

    @rule(step=st.sampled_from("abcd"), to=st.sampled_from("abcd"))
    def answers(self, step: str, to: str) -> None:
        may = self.state == "underway" and step == self.way[-1] and to in LEADS[step]
        if self._done(may, lambda: self.walk.answer(TREE, step, f"to-{to}", "", COACH, START)):
            self.way.append(to)
            self.answered += 1

    @rule(kind=st.sampled_from(OfferKind), offered=st.sampled_from(["m1", "m2", "t1"]))
    def chooses(self, kind: OfferKind, offered: str) -> None:
        here = self.way[-1]
        step = TREE.step(here)
        assert step is not None
        offers = {"measure": step.measures, "tool": step.tools, "strategy": ()}[kind]
        may = self.state == "underway" and offered in offers
        same = self.chosen.get((here, kind.value)) == offered

        def act() -> None:
            self.walk.choose(TREE, here, kind, offered, "", TEACHER, START)

        if self._done(may, act, silent=same):
            self.chosen[here, kind.value] = offered

    @rule()
    def steps_back(self) -> None:
        may = self.state == "underway" and len(self.way) > 1
        if self._done(may, lambda: self.walk.step_back(TEACHER, START)):
            left = self.way.pop()
            if left not in self.way:
                self.chosen = {key: each for key, each in self.chosen.items() if key[0] != left}

    @rule(end=st.sampled_from(["complete", "abandon"]), chance=st.integers(0, 9))
    def ends(self, end: str, chance: int) -> None:
        if chance:
            return
        if end == "complete":
            may = self.state == "underway" and self.way[-1] == "d"
            done = self._done(may, lambda: self.walk.complete(TREE, "goal-1", TEACHER, START))
        else:
            may = self.state == "underway"
            done = self._done(may, lambda: self.walk.abandon(TEACHER, START))
        if done:
            self.state = f"{end.removesuffix('e')}ed" if end == "complete" else "abandoned"

    def _done(self, may: bool, act: object, silent: bool = False) -> bool:
        assert callable(act)
        before = repr(self.walk)
        try:
            act()
        except Fault as fault:
            refusal = fault.kind
        else:
            assert may
            assert (self.walk.take_event() is None) is silent
            return True
        assert repr(self.walk) == before, "a refusal changes nothing"
        assert not may
        assert refusal in (Kind.CONFLICT, Kind.INVALID)
        return False

    @invariant()
    def it_says_what_the_model_says(self) -> None:
        walk = self.walk
        assert (walk.state.value, walk.at_step) == (self.state, self.way[-1])
        assert [each.step for each in walk.answers] == self.way[:-1]
        assert len(walk.answers) + len(walk.taken_back) == self.answered
        chosen = {(each.step, each.kind.value): each.offered for each in walk.choices}
        assert chosen == self.chosen
        assert (walk.goal != "") is (self.state == "completed")


TestWalkLives = WalkLives.TestCase
TestWalkLives.settings = settings(max_examples=500, stateful_step_count=50, deadline=None)


def test_the_tree_of_these_is_one() -> None:
    tree: Tree = TREE
    tree.take_event()
    tree.publish(COACH, START)
