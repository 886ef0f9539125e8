"""Who may do what by purpose and consent: every operation asked by everybody for coaching and for
another purpose, and by her coach with everything that a teacher may show or not show; and where it
has been unknown for too long whether what opens it has ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple
from unittest.mock import patch

import pytest

from services.access.policy import SCOPES, Policy
from services.access.profile import ALL_WORK
from services.access.trust import Trust
from tests.fuzz.kept import Kept
from tests.support.operations import Route
from tests.support.rpcs import Rpc
from tests.support.who_may import (
    NORTH,
    PEOPLE,
    ROUTES,
    RPCS,
    Answers,
    World,
    times,
    whole_world,
)

PARTNER = "a partner with every scope"
ASKING = {**PEOPLE, PARTNER: f"{NORTH}/sis?{'+'.join(sorted(SCOPES))}"}
PURPOSE = "purpose_refused"
# Whoever is told this would not be let in: by another purpose she learns nothing more.
NOT_LET_IN = {"not_found", "forbidden", "scope_missing", "no_token", PURPOSE}
TOO_OLD = "access_too_old"
LEFT_OVER = "observer_only"  # the teacher is in charge of what its observer may not see any more
# Of whom it names and the district: nothing is done with it any more, what was agreed on has ended
# with it, and nothing is written in a record that both go on to read.
_OVER = ("not_active", "not_together", "not_in_force", "stale_version")
ENDED = tuple(("ended", code) for code in _OVER)
UNSHOWN_GOAL = "unknown_goal"  # that the example names
# What she shows her coach -> the kinds of work that are seen by it.
SHOWN: Mapping[str, frozenset[str]] = {
    "all": ALL_WORK,
    "goals": frozenset({"goal"}),
    "observations": frozenset({"observation"}),
    "surveys": frozenset({"administration"}),
    "ended": frozenset(),
}
WITNESSES = ("herself", "another coach", "an administrator")  # to whom consent makes no difference
WITNESSED = ("surveys", "ended")  # which hide each kind but surveys, and all
RELATIONSHIP = "/programs/v1/relationships"
ONCE = ("send_celebration",)  # by one person of one fact: made again as if it had not been
MOST = [
    *(f"services.programs.takeaway.cases.{most}" for most in ("MOST_TAKEAWAYS", "MOST_EVER")),
    "services.programs.agreement.domain.MOST_OFFERED",
]


class Asked(NamedTuple):
    """One operation over one protocol."""

    target: Route | Rpc
    again: bool

    @property
    def name(self) -> str:
        named = f"{self.target.operation}{', gRPC' * isinstance(self.target, Rpc)}"
        return f"{named}{', of hers' * self.again}"

    async def told(self, world: World, token: str) -> str:
        before = Kept(world.platform) if self.target.operation in ONCE else None
        if isinstance(self.target, Route):
            told = await world.ask(self.target, token, self.again)
        else:
            told = await world.ask_rpc(self.target, token, self.again)
        if before is not None:
            before.put_back()
        return told


def every() -> Iterator[Asked]:
    targets: tuple[Route | Rpc, ...] = (*ROUTES, *RPCS)
    for target in targets:
        for again in times(target.operation):
            yield Asked(target, again)


class Matrix(NamedTuple):
    """`usual` and `other`: by who asks, for coaching and for another purpose; `coach` and
    `coach_other`: her coach, by what she is shown; `witness`: by what and who; `unsure`: by who
    asks while nobody knows any more who coaches whom."""

    asked: Asked
    policy: Policy
    usual: Answers
    other: Answers
    coach: dict[str, str]
    coach_other: dict[str, str]
    witness: dict[tuple[str, str], str]
    unsure: dict[str, str]


@pytest.fixture(scope="module")
async def matrix() -> AsyncIterator[Sequence[Matrix]]:
    """Asked once for all tests, as each stage of consent takes a while."""
    often = [patch(each, 10_000) for each in MOST]
    with ExitStack() as stack:
        for each in often:  # what is done here by everybody, again and again
            stack.enter_context(each)
        yield await _asked()


async def _asked() -> Sequence[Matrix]:
    async with whole_world() as world:
        made = [await _all(world, each) for each in every()]
        with patch.object(Trust, "holds", False):
            for each in made:
                for who, token in ASKING.items():
                    each.unsure[who] = await each.asked.told(world, token)
        for shown in SHOWN.keys() - {"all", "ended"}:
            await _stage(world, made, shown)
        await _stage(world, made, "ended")
        return made


async def _all(world: World, asked: Asked) -> Matrix:
    policy = world.policies(asked.target.service).get(asked.target.operation, Policy())
    usual, other = {}, {}
    for who, token in ASKING.items():
        usual[who] = await asked.told(world, token)
        other[who] = await asked.told(world, token and f"{token}!evaluation")
    hers = {"all": usual["her coach"]}, {"all": other["her coach"]}
    return Matrix(asked, policy, usual, other, *hers, {}, {})


async def _stage(world: World, made: Sequence[Matrix], shown: str) -> None:
    platform, relationship = world.platform, world.platform.ids[NORTH]["relationship_id"]
    what, body = ("end", None) if shown == "ended" else ("accept", {"coach_sees": [shown]})
    path = f"{RELATIONSHIP}/{relationship}/{what}"
    await platform.ask(PEOPLE["herself"], "POST", path, body)
    await platform.settle()
    for each in made:
        asked = each.asked
        each.coach[shown] = await asked.told(world, PEOPLE["her coach"])
        each.coach_other[shown] = await asked.told(world, f"{PEOPLE['her coach']}!evaluation")
        for who in WITNESSES if shown in WITNESSED else ():
            each.witness[shown, who] = await asked.told(world, PEOPLE[who])


def code_of(told: str) -> str:
    """Empty of what is done."""
    return told.partition(" ")[2]


# Of these all staff may ask, and what is private is its author's: it is looked at first, and of a
# round, for who leads its program.
OF_THE_BANK = (
    *("get_strategy", "revise_strategy", "retire_strategy", "withdraw_strategy"),
    "get_coaching_round",
)


def refused_for(policy: Policy, told: str, operation: str) -> str:
    """What another purpose is told where coaching is `told` so. Of what everybody may ask nobody
    learns by a refusal what there is."""
    code = code_of(told)
    open_to_all = policy.staff and operation.partition(",")[0] not in OF_THE_BANK
    let_in = code not in NOT_LET_IN or (open_to_all and code == "not_found")
    return PURPOSE if let_in else code


def test_who_comes_for_another_purpose_gets_nothing_and_learns_nothing(
    matrix: Sequence[Matrix],
) -> None:
    for each in matrix:
        for who, told in each.usual.items():
            if who != "nobody":
                asked = each.asked.name, who, told
                found = refused_for(each.policy, told, each.asked.name)
                assert code_of(each.other[who]) == found, asked
        for shown, told in each.coach.items():
            found = refused_for(each.policy, told, each.asked.name)
            assert code_of(each.coach_other[shown]) == found, (each.asked.name, shown)


def test_what_she_does_not_show_her_coach_is_anothers_to_that_coach(
    matrix: Sequence[Matrix],
) -> None:
    kinds = set[str]()
    for each in matrix:
        everybodys, full = each.usual["another coach"], each.coach["all"]
        kind = each.policy.about
        for shown, sees in SHOWN.items():
            told = each.coach[shown]
            hidden = shown == "ended" or (kind in ALL_WORK and kind not in sees)
            if each.policy.coach and hidden:
                assert told == everybodys, (each.asked.name, shown)
                kinds |= {kind} if told != full else set()
            elif told != full and (shown, code_of(told)) not in ENDED:
                assert code_of(told) == UNSHOWN_GOAL, (each.asked.name, shown)
                assert "goal" not in sees
    assert kinds > ALL_WORK  # and cards, timelines and classes


def test_what_she_shows_her_coach_makes_no_difference_to_anybody_else(
    matrix: Sequence[Matrix],
) -> None:
    for each in matrix:
        for (shown, who), told in each.witness.items():
            over = who != "another coach" and (shown, code_of(told)) in ENDED
            if told != each.usual[who] and not over:
                assert code_of(each.usual[who]) == LEFT_OVER, (each.asked.name, shown, who)
                assert who == "herself"
                assert "observation" not in SHOWN[shown]


def test_what_may_have_ended_opens_nothing_while_nobody_knows(matrix: Sequence[Matrix]) -> None:
    for each in matrix:
        for who, told in each.unsure.items():
            asked, code = (each.asked.name, who), code_of(told)
            if each.policy.coach and who == "her coach":
                assert code == (TOO_OLD if each.usual[who] != each.usual["another coach"] else code)
            if code != TOO_OLD:
                assert told == each.usual[who], asked
            else:
                assert code_of(each.usual[who]) not in NOT_LET_IN, asked
                led = who == "a program lead" and each.policy.program_lead  # by a grant
                # which says what somebody may, whom it may not know
                told_of = each.asked.name.startswith("get_access_explanation")
                paired = who == "of a pair with her" and each.policy.peer
                # hers by a class, a caseload
                assert who == "her coach" or each.policy.party or led or told_of or paired, asked
