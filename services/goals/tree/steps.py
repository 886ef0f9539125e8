"""The steps of a decision tree, and whether somebody who walks it comes to an end.

The first step is where a walk begins. A step without answers is an end: there a goal is drafted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.chassis.kernel import Fault, invalid

MOST_TREE_STEPS = 200
MOST_ANSWERS = 12  # of a step
MOST_OFFERS = 12  # of a step, of each kind


@dataclass(frozen=True, slots=True)
class TreeAnswer:
    """`leads_to`: a step. `again`: it leads back to one that was passed, on purpose."""

    id: str
    text: str
    leads_to: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class TreeStep:
    """`question` guides; `measures` are codes of the district's catalogue, `tools` ids of
    observation tools, `strategies` ids of the bank: what is offered at the step."""

    id: str
    title: str
    question: str
    answers: tuple[TreeAnswer, ...] = ()
    measures: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()

    def answer(self, id: str) -> TreeAnswer | None:
        return next((each for each in self.answers if each.id == id), None)


def check_steps(steps: Sequence[TreeStep]) -> None:
    """1 to 200 steps with ids of their own, whose answers lead to steps that there are; each is
    reached from the first, and from each an end is; a way back is marked. In linear time. Raises
    INVALID at its place in the request."""
    if not 1 <= len(steps) <= MOST_TREE_STEPS:
        raise invalid("step_count", f"A tree has 1 to {MOST_TREE_STEPS} steps.", "/steps")
    _check_ids(steps)
    number = {step.id: index for index, step in enumerate(steps)}
    leads = [[number[answer.leads_to] for answer in step.answers] for step in steps]
    for index in _others(_found(leads, [0])):
        raise invalid("step_unreachable", "No answers lead here.", f"/steps/{index}")
    back: list[list[int]] = [[] for _ in steps]
    for index, targets in enumerate(leads):
        for target in targets:
            back[target].append(index)
    ends = [index for index, step in enumerate(steps) if not step.answers]
    for index in _others(_found(back, ends)):
        raise invalid("step_without_end", "From here no end is reached.", f"/steps/{index}")
    unmarked = _unmarked_loop(steps, number)
    if unmarked is not None:
        raise unmarked


def _check_ids(steps: Sequence[TreeStep]) -> None:
    used = Counter(step.id for step in steps)
    for index, step in enumerate(steps):
        place = f"/steps/{index}"
        if used[step.id] > 1:
            detail = "Each step of a tree has an id of its own."
            raise invalid("tree_step_repeated", detail, f"{place}/step_id")
        answers = Counter(answer.id for answer in step.answers)
        for turn, answer in enumerate(step.answers):
            here = f"{place}/answers/{turn}"
            if answers[answer.id] > 1:
                detail = "Each answer of a step has an id of its own."
                raise invalid("answer_repeated", detail, f"{here}/answer_id")
            if answer.leads_to not in used:
                detail = "The tree has no such step."
                raise invalid("leads_nowhere", detail, f"{here}/leads_to")


def _found(leads: Sequence[Sequence[int]], begin: Sequence[int]) -> list[bool]:
    """Which are reached from where one begins."""
    reached = [False] * len(leads)
    waiting = list(begin)
    while waiting:
        step = waiting.pop()
        if not reached[step]:
            reached[step] = True
            waiting += leads[step]
    return reached


def _others(reached: Sequence[bool]) -> Iterator[int]:
    return (index for index, each in enumerate(reached) if not each)


def _unmarked_loop(steps: Sequence[TreeStep], number: Mapping[str, int]) -> Fault | None:
    """The first answer found that leads back and is not marked so. What is marked leads on to
    nothing here: without it there is no loop."""
    entered, left = set[int](), set[int]()
    for first in range(len(steps)):
        if first in entered:
            continue
        entered.add(first)
        path = [(first, _onward(steps[first]))]
        while path:
            step, answers = path[-1]
            turn, answer = next(answers, (0, None))
            if answer is None:
                left.add(step)
                path.pop()
                continue
            target = number[answer.leads_to]
            if target not in entered:
                entered.add(target)
                path.append((target, _onward(steps[target])))
            elif target not in left:
                detail = "This leads back: mark it by `again`, or lead on."
                return invalid("loop_not_marked", detail, f"/steps/{step}/answers/{turn}/leads_to")
    return None


def _onward(step: TreeStep) -> Iterator[tuple[int, TreeAnswer]]:
    return ((turn, each) for turn, each in enumerate(step.answers) if not each.again)
