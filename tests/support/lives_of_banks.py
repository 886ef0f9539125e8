"""What becomes of trees, strategies and frameworks, as tables (tests/support/lives.py):
by the words of docs/architecture.md, not by the code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.support.lives import Life, moves
from tests.support.staff import Staffed

V1 = "/goals/v1"


async def made(platform: Staffed, by: str, noun: str, path: str, body: Any) -> str:
    made = (await platform.ask(f"north/{by}", "POST", f"{V1}/{path}", body)).json()
    return f"{V1}/{path}/{made[f'{noun}_id']}"


TREE = {
    "title": "From a hope to a goal",
    "about": "Two questions",
    "steps": [
        {
            "step_id": "hope",
            "title": "Hope",
            "question": "What would you like to hear?",
            "answers": [
                {"answer_id": "reasons", "text": "Reasons", "leads_to": "who"},
                {"answer_id": "voices", "text": "More voices", "leads_to": "end"},
            ],
        },
        {
            "step_id": "who",
            "title": "Who",
            "question": "Who speaks?",
            "answers": [{"answer_id": "few", "text": "A few", "leads_to": "end"}],
        },
        {"step_id": "end", "title": "Goal", "question": "By how much?"},
    ],
}


async def _tree(platform: Staffed) -> str:
    return await made(platform, "coach", "tree", "trees", TREE)


def _tree_word(said: Any, at: datetime) -> str:
    """Of a draft whether it can be walked: a step that nothing leads to cannot be reached."""
    reached = [each["step_id"] for each in said["steps"]] == ["hope", "who", "end"]
    return "unfinished" if said["state"] == "draft" and not reached else str(said["state"])


def _tree_says(said: Any, *more: Any) -> Any:
    """Another text each time."""
    return {**TREE, "about": f"Version {said['version']}", "steps": [*TREE["steps"], *more]}


LOST = {"step_id": "lost", "title": "Lost", "question": "Who comes here?"}
OF_TREE = Life(
    "tree",
    _tree,
    "coach",
    moves(
        """
        edit_tree | POST* edit
            coach: draft>draft unfinished>draft
        lose | POST* /goals/v1/trees/{tree_id}/edit
            coach: draft>unfinished unfinished>unfinished
        publish | POST /goals/v1/trees/{tree_id}/publish
            coach: draft>published
        retire_tree | POST retire
            coach: published>retired
        withdraw_tree | POST withdraw
            coach: draft>withdrawn unfinished>withdrawn
        begin | POST /goals/v1/walks
            teacher coach: published=
        """,
        edit_tree=_tree_says,
        lose=lambda said: _tree_says(said, LOST),
        begin=lambda said: {"teacher_id": "teacher", "tree_id": said["tree_id"]},
    ),
    _tree_word,
    bounds={"begin": "too_many_walks"},
)

STRATEGY = {"title": "Turn and talk", "about": "Each pair settles on one", "license": "CC BY 4.0"}


async def _strategy(platform: Staffed) -> str:
    return await made(platform, "coach", "strategy", "strategies", STRATEGY)


def _strategy_word(said: Any, at: datetime) -> str:
    """Nobody is told what it said while it was its author's alone."""
    since = said["published_at"]
    assert not since or all(each["revised_at"] >= since for each in said["earlier"]), said
    return str(said["state"])


OF_STRATEGY = Life(
    "strategy",
    _strategy,
    "coach",
    moves(
        """
        read | GET /goals/v1/strategies/{strategy_id}
            coach: private= published= retired= withdrawn=
            teacher other peer admin: published= retired=
        revise_strategy | POST* revise
            coach: private>private published>published
        the_same | POST* /goals/v1/strategies/{strategy_id}/revise
            coach: private= published=
        publish_strategy | POST publish
            coach: private>published
        retire_strategy | POST retire
            coach: published>retired
        withdraw_strategy | POST withdraw
            coach: private>withdrawn
        """,
        revise_strategy=lambda said: {
            **STRATEGY,
            "about": f"Version {said['version']}",
            "reason": "Pairs need a minute",
        },
        the_same=lambda said: {**STRATEGY, "about": said["about"], "reason": "None"},
    ),
    _strategy_word,
    bounds=dict.fromkeys(("revise_strategy", "the_same"), "too_many_revisions"),
)

CASE = "6c1f0000-0000-4000-8000-00000000000{}"


async def _framework(platform: Staffed) -> str:
    body = {
        "case_id": CASE.format(9),
        "title": "Standards",
        "edition": "2026",
        "source": "https://example.org/case",
    }
    return await made(platform, "admin", "framework", "frameworks", body)


def _framework_word(said: Any, at: datetime) -> str:
    """While it is imported how many standards are there."""
    if said["state"] == "importing":
        return f"importing-{said['standard_count']}"
    return str(said["state"])


def _standard(number: int, text: str = "Talk") -> Any:
    return {"standard_id": CASE.format(number), "code": f"S.{number}", "text": text}


FRAMEWORK = Life(
    "framework",
    _framework,
    "admin",
    moves(
        """
        extend_framework | POST standards
            admin: importing-0>importing-1 importing-1= importing-2=
        more | POST /goals/v1/frameworks/{framework_id}/standards
            admin: importing-0>importing-2 importing-1>importing-2 importing-2=
        otherwise | POST /goals/v1/frameworks/{framework_id}/standards
        publish_framework | POST publish
            admin: importing-1>published importing-2>published
        retire_framework | POST retire
            admin: published>retired
        withdraw_framework | POST withdraw
            admin: importing-0>withdrawn importing-1>withdrawn importing-2>withdrawn
        """,
        extend_framework={"standards": [_standard(1)]},
        more={"standards": [_standard(2), _standard(1)]},
        otherwise={"standards": [_standard(3), {**_standard(3), "text": "Something else"}]},
    ),
    _framework_word,
)


OF_BANKS = (OF_TREE, OF_STRATEGY, FRAMEWORK)
