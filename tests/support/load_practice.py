"""A part of the load: what a coach and her teachers do in programs and goals. Sessions that are put
right, a tree that is walked back and forth, and a record in which both write at once."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from services.programs.session.domain import MOST_CORRECTIONS

SESSIONS = "/programs/v1/coaching-sessions"
TREES, WALKS = "/goals/v1/trees", "/goals/v1/walks"
ENTRIES, RELATIONSHIPS = "/programs/v1/planning-entries", "/programs/v1/relationships"
CORRECTED = MOST_CORRECTIONS // 2  # of a session, after which another is held
ANSWERED = 40  # times that a walk is answered or taken back, after which another is started
MOST_OF_ONE = 25  # entries of an author under one load: a record has 400 of hers, a year 2,000
PACE_SECONDS = 0.7  # between two entries of one author
Post = Callable[[str, str, Any, str], Awaitable[Any]]
"""Who, path, body and key: the answer that acknowledges it."""
TREE: dict[str, Any] = {
    "title": "From a hope to a goal",
    "about": "One question",
    "steps": [
        {
            "step_id": "hope",
            "title": "Hope",
            "question": "What would you like to hear?",
            "answers": [{"answer_id": "reasons", "text": "Reasons", "leads_to": "end"}],
        },
        {"step_id": "end", "title": "Goal", "question": "By how much?"},
    ],
}


async def held_session(post: Post, coach: str, teacher: str, key: str) -> str:
    """The path of a new one, which is of version 2."""
    at = datetime.now(UTC).isoformat()
    made = await post(coach, SESSIONS, {"teacher_ids": [teacher], "starts_at": at}, key)
    path = f"{SESSIONS}/{made['coaching_session_id']}"
    spent = {"minutes": 30, "activities": [{"activity": "debrief", "minutes": 30}]}
    await post(coach, f"{path}/hold", spent, f"{key}-held")
    return path


def correction(text: str, value: int) -> dict[str, Any]:
    spent = [{"activity": "debrief", "minutes": value}]
    return {"minutes": value, "activities": spent, "reason": text}


def all_minutes(session: Any, acknowledged: list[float]) -> bool:
    """What was recorded before each correction is kept, in order."""
    before = [each["activities"][0]["minutes"] for each in session["corrections"]]
    return [*before, session["minutes"]] == [30, *acknowledged]


async def published_tree(post: Post, coach: str, key: str) -> str:
    """Its id; of one key the same."""
    tree = str((await post(coach, TREES, TREE, key))["tree_id"])
    await post(coach, f"{TREES}/{tree}/publish", None, f"{key}-published")
    return tree


async def started_walk(post: Post, teacher: str, tree: str, key: str) -> str:
    """The path of a new one, which is of version 1."""
    started = {"teacher_id": teacher, "tree_id": tree}
    return f"{WALKS}/{(await post(teacher, WALKS, started, key))['walk_id']}"


def answer_or_back(text: str, value: int) -> tuple[str, dict[str, Any] | None]:
    """By turns: what is asked of a walk, and with which body."""
    said = {"step_id": "hope", "answer_id": "reasons", "reason": text}
    return ("answers", said) if value % 2 else ("step-back", None)


def all_answers(walk: Any, acknowledged: list[float]) -> bool:
    """Every other answer was taken back, and is kept."""
    taken, given = len(walk["answers_taken_back"]), len(walk["answers"])
    return (taken, given) == (len(acknowledged) // 2, len(acknowledged) % 2)


class Record:
    """`two`: a coach and a teacher, who write in their planning record at the same time; `text`:
    with what all that they write begins, and nobody else's. `get` answers a page."""

    def __init__(
        self,
        post: Post,
        get: Callable[[str, str], Awaitable[Any]],
        two: tuple[str, str],
        text: str,
    ) -> None:
        self._post, self._get, self.two, self._text = post, get, two, text
        self._of = ""
        self._written: dict[str, list[str]] = {}

    async def writer(self, who: str, stop: asyncio.Event) -> None:
        """Until `stop`, or she has written so much that others still find room in the record."""
        mine, (coach, teacher) = self._written.setdefault(who, []), self.two
        asked = f"{RELATIONSHIPS}?coach_id={coach}&teacher_id={teacher}&state=active"
        self._of = str((await self._get(who, asked))["relationships"][0]["relationship_id"])
        while not stop.is_set() and len(mine) < MOST_OF_ONE:
            said = f"{self._text} {who} {len(mine)}"
            body = {"relationship_id": self._of, "kind": "plan", "text": said}
            await self._post(who, ENTRIES, body, said.replace(" ", "-"))
            mine.append(said)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PACE_SECONDS)

    async def check(self) -> None:
        """What each has written is there once, in her order, and the chain holds from the first
        entry on."""
        for who, mine in self._written.items():
            entries = [each async for each in self._entries(who)]
            before = None
            for number, each in enumerate(entries, 1):
                assert (each["number"], each["hash_before"] or None) == (number, before), each
                chained = f"{before or ''}:{number}:{each['content_hash']}"
                assert each["hash"] == hashlib.sha256(chained.encode()).hexdigest(), each
                before = each["hash"]
            own = (each["text"] for each in entries if each["author_id"] == who)
            hers = [text for text in own if text.startswith(self._text)]
            assert hers == mine, f"entries of {who}: {mine}, {hers}"

    async def _entries(self, who: str) -> AsyncIterator[Any]:
        page = ""
        while True:
            path = f"{ENTRIES}?relationship_id={self._of}&order=oldest&page_size=200{page}"
            found = await self._get(who, path)
            for each in found["planning_entries"]:
                yield each
            if not found["next_page_token"]:
                return
            page = f"&page_token={found['next_page_token']}"
