"""A decision tree: who walks it comes to an end, and what is wrong is named with its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.kernel import Fault
from services.chassis.settings import BadSettings
from services.goals.tree.steps import MOST_TREE_STEPS, TreeAnswer, TreeStep, check_steps
from services.goals.tree.tree_file import SHIPPED, mermaid, read_tree


def tree(*leads: str) -> tuple[TreeStep, ...]:
    """A step of each text: the numbers that its answers lead to, with `!` those marked `again`."""
    return tuple(
        TreeStep(
            f"s{index}",
            f"Step {index}",
            "What next?",
            tuple(
                TreeAnswer(f"a{turn}", "This", f"s{target.rstrip('!')}", target.endswith("!"))
                for turn, target in enumerate(targets.split())
            ),
        )
        for index, targets in enumerate(leads)
    )


def refused(steps: Sequence[TreeStep]) -> tuple[str, str]:
    with pytest.raises(Fault) as raised:
        check_steps(steps)
    return raised.value.code, raised.value.place


@pytest.mark.parametrize("leads", [[""], ["1 2", "2", ""], ["1", "0! 2", ""], ["0! 1", ""]])
def test_who_walks_it_comes_to_an_end(leads: list[str]) -> None:
    check_steps(tree(*leads))


@pytest.mark.parametrize(
    ("leads", "code", "place"),
    [
        (["1", "", "1"], "step_unreachable", "/steps/2"),
        (["1 2", "1!", ""], "step_without_end", "/steps/1"),
        (["1 9"], "leads_nowhere", "/steps/0/answers/0/leads_to"),
        (["1", "2", "1 3", ""], "loop_not_marked", "/steps/2/answers/0/leads_to"),
        (["1", "1 2", ""], "loop_not_marked", "/steps/1/answers/0/leads_to"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(leads: list[str], code: str, place: str) -> None:
    assert refused(tree(*leads)) == (code, place)


def test_ids_are_their_own() -> None:
    twice = (*tree("1", "")[:1], TreeStep("s0", "Again", "What?"))
    assert refused(twice) == ("tree_step_repeated", "/steps/0/step_id")
    answers = (TreeAnswer("a", "This", "s1"), TreeAnswer("a", "That", "s1"))
    steps = (TreeStep("s0", "First", "What?", answers), *tree("", "")[1:])
    assert refused(steps) == ("answer_repeated", "/steps/0/answers/0/answer_id")


def test_it_has_a_bound_and_a_long_one_is_checked_in_no_time() -> None:
    assert refused(()) == ("step_count", "/steps")
    chain = [str(index + 1) for index in range(MOST_TREE_STEPS - 1)]
    check_steps(tree(*chain, ""))
    assert refused(tree(*chain, str(MOST_TREE_STEPS), "")) == ("step_count", "/steps")


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 7), st.booleans()), max_size=3), min_size=1, max_size=8
    )
)
@settings(max_examples=500, deadline=None)
def test_it_is_what_walking_every_way_finds(drawn: list[list[tuple[int, bool]]]) -> None:
    """The model: all ways are walked, step by step."""
    size = len(drawn)
    leads = [[(target % size, again) for target, again in each] for each in drawn]
    steps = tree(*(" ".join(f"{t}{'!' if again else ''}" for t, again in each) for each in leads))

    def reached(first: int, marked: bool = True) -> set[int]:
        found: set[int] = set()
        waiting = [target for target, again in leads[first] if marked or not again]
        while waiting:
            step = waiting.pop()
            if step not in found:
                found.add(step)
                waiting += [target for target, again in leads[step] if marked or not again]
        return found

    all_reached = reached(0) | {0} == set(range(size))
    to_an_end = all(any(not leads[each] for each in reached(step) | {step}) for step in range(size))
    no_loop = all(step not in reached(step, marked=False) for step in range(size))
    try:
        check_steps(steps)
    except Fault as fault:
        code = fault.code
    else:
        code = ""
    assert (code == "") is (all_reached and to_an_end and no_loop)
    if code == "loop_not_marked":
        assert not no_loop


def test_the_tree_that_ships_is_one() -> None:
    said = read_tree(SHIPPED)
    assert len(said.steps) == 10
    assert {len(step.measure_ids) for step in said.steps} == {0, 1, 2}


def test_it_is_drawn_with_ends_and_ways_back() -> None:
    drawn = mermaid(tree("1 0!", "")).splitlines()
    assert drawn == [
        "flowchart TD",
        '  s0["Step 0"]',
        '  s1(["Step 1"])',
        '  s0 -->|"This"| s1',
        '  s0 -.->|"This"| s0',
    ]


def test_what_people_wrote_stays_within_its_quotes() -> None:
    title = 'A "quote"] --> <script>`#|\nnext'
    line = mermaid((TreeStep("s0", title, "What?"),)).splitlines()[1]
    inside = line.removeprefix('  s0(["').removesuffix('"])')
    assert set(inside).isdisjoint('"<>`|')
    assert inside.endswith("next")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: T\nabout: A\nsteps: []\n", ":3: steps: step_count: A tree has 1 to 200 steps."),
        (
            "title: T\nabout: A\nsteps:\n  - {step_id: a, title: T, question: Q, answers: [\n"
            "      {answer_id: b, text: T, leads_to: c}]}\n",
            ":5: steps.0.answers.0.leads_to: leads_nowhere: The tree has no such step.",
        ),
        ("title: T\nabout: A\nstep: []\n", ":3: step: Extra inputs are not permitted"),
        ('{"title": "T", "about": "A",\n "steps": [{"step_id": "A"}]}', ":2: steps.0.step_id"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "tree.yaml"
    path.write_text(text)
    with pytest.raises(BadSettings) as raised:
        read_tree(path)
    assert told in str(raised.value)


def test_a_file_of_ten_thousand_steps_is_refused_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "tree.yaml"
    steps = "".join(f"  - {{step_id: s{n}, title: T, question: Q}}\n" for n in range(10_000))
    path.write_text(f"title: T\nabout: A\nsteps:\n{steps}")
    with pytest.raises(BadSettings, match=r":3: steps: List should have at most 200 items"):
        read_tree(path)
