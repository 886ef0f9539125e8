"""What each of a district's people is shown of one teacher's work: a table that a test writes out,
held to the policies, and asked of running services."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.access.policy import Policy
from tests.support.coaching import Coaching
from tests.support.platform import BOOTSTRAPS
from tests.support.waiting import eventually

AT_ONCE = 8
# By who somebody is to the teacher, what lets her in that is not about being named.
RELATIONS: Mapping[str, tuple[str, ...]] = {
    "teacher": ("teacher", "staff"),
    "partner": ("peer", "staff"),
    "coach": ("coach", "coaching", "staff"),
    "other_coach": ("coaching", "staff"),
    "facilitator": ("coaching", "staff"),
    "lead": ("program_lead", "staff"),
    "principal": ("staff",),
    "admin": ("district_admin", "staff"),
    "officer": ("records_officer", "staff"),
    "colleague": ("staff",),
    "app": (),
}


@dataclass(frozen=True)
class Row:
    """An operation and what it is asked about; `shown` are those who find `needle` in the answer.
    Nobody else does, whether she is refused or answered without it."""

    operation: str
    path: str
    needle: str
    shown: frozenset[str]

    @property
    def service(self) -> str:
        return self.path.split("/")[1]

    def __str__(self) -> str:
        return f"{self.operation} {self.path}"


def table(text: str) -> list[Row]:
    """A line of operation, path and needle, between bars (no needle: that it is answered is
    enough), and below it whom it is shown to."""
    lines = list(filter(None, map(str.strip, text.splitlines())))
    rows = []
    for what, who in zip(lines[::2], lines[1::2], strict=True):
        operation, path, *needle = what.split(" | ")
        assert {*who.split()} <= RELATIONS.keys(), who
        rows.append(Row(operation, path, "".join(needle), frozenset(who.split())))
    return rows


def changed(
    rows: Iterable[Row], closed: Mapping[str, Collection[str]], but: Collection[str] = ()
) -> list[Row]:
    """Without those to whom something is `closed`: who -> the operations, `*` is all of them `but`
    some."""
    return [
        replace(row, shown=row.shown - {who for who, of in closed.items() if _covers(row, of, but)})
        for row in rows
    ]


def _covers(row: Row, operations: Collection[str], but: Collection[str]) -> bool:
    return row.operation in operations or ("*" in operations and row.operation not in but)


def policies_of(service: str) -> Mapping[str, Policy]:
    policies: Mapping[str, Policy] = BOOTSTRAPS[service].policies()
    return policies


def check_policies(
    rows: Sequence[Row], people: Collection[str], scopes: Collection[str], hidden: Mapping[str, str]
) -> None:
    """That the table is what the policies say: who is let in by what she is, is shown it, but for
    what is `hidden` from her by the thing's own rule (who -> operations); and nobody else but who
    is named by it."""
    for row in rows:
        policy = policies_of(row.service)[row.operation]
        granted = {
            who
            for who in people
            if any(getattr(policy, each) for each in RELATIONS[who])
            or (who == "app" and policy.scopes & {*scopes})
        }
        kept = {who for who in granted if row.operation in hidden.get(who, "").split()}
        assert granted - kept <= row.shown, (str(row), granted - kept - row.shown)
        assert policy.party or row.shown <= granted, (str(row), row.shown - granted)


def not_asked(rows: Sequence[Row], services: Sequence[str]) -> set[str]:
    """What is read of these services and no row asks."""
    read = {
        name
        for each in services
        for name in policies_of(each)
        if name.startswith(("get_", "list_"))
    }
    return read - {row.operation for row in rows}


async def assert_shown(
    year: Coaching, rows: Sequence[Row], people: Mapping[str, str], ids: Mapping[str, str]
) -> int:
    """Wait until each of them is shown what the table says and nothing else, all within the same
    20 s; how many answers were asked for last."""
    left = [(row, role) for row in rows for role in people]
    asked = len(left)
    said: dict[tuple[Row, str], str] = {}
    limit = asyncio.Semaphore(AT_ONCE)

    async def right(row: Row, role: str) -> bool:
        async with limit, year.asks.client(row.service, year.who(people[role])) as client:
            answer = await client.get(row.path.format(**ids))
        assert answer.status_code in (200, 400, 403, 404, 422), (str(row), role, answer.text)
        needle = row.needle.format(**ids)
        said[row, role] = f"{answer.status_code} {answer.text[:200]}"
        return (answer.status_code == 200 and needle in answer.text) is (role in row.shown)

    async def all_right() -> bool:
        answers = await asyncio.gather(*(right(*each) for each in left))
        left[:] = [each for each, yes in zip(left, answers, strict=True) if not yes]
        return not left

    try:
        await eventually(all_right, timeout=20)
    except AssertionError as error:
        told = "\n".join(f"{row}, {role}: {said[row, role]}" for row, role in left)
        raise AssertionError(f"wrong for longer than 20 s:\n{told}") from error
    return asked
