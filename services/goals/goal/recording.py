"""What is said beside a goal: what speaks of it and revises it, what its owner thinks of it, and
what she and her coach say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access import merges
from services.chassis.call import Call
from services.chassis.fields import DIGITS, Body, Day, Id, Number, Text
from services.chassis.kernel import if_there, invalid
from services.goals.comment.domain import LONGEST_COMMENT, MOST_COMMENTS, made_by
from services.goals.evidence.domain import GoalEvidenceKind
from services.goals.framework.domain import Framework, FrameworkState
from services.goals.goal.cases import Ports
from services.goals.goal.domain import AlignedStandard, Goal
from services.goals.goal.outline import MOST_ALIGNED, MOST_EVIDENCE, MOST_NAMED

_STANDARD = "7a1e5c52-0000-4000-8000-000000000001"
EvidenceNumber = Annotated[int, Field(ge=1, le=MOST_EVIDENCE), DIGITS]
Rated = Annotated[int, Field(ge=1, le=10)]
Remark = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_COMMENT)]
CommentNumber = Annotated[int, Field(ge=1, le=MOST_COMMENTS), DIGITS]


class NameStandard(Body):
    framework_id: Id = Field(examples=["framework-1"])
    standard_id: Id = Field(examples=[_STANDARD])


class AlignGoal(Body):
    standards: list[NameStandard] = Field(
        max_length=MOST_ALIGNED, description="All of them; none: it is for none any more"
    )


async def align_goal(ports: Ports, call: Call, goal_id: Id, asked: AlignGoal) -> Goal:
    """Say for which standards of frameworks a goal is, in place of what was said.

    A draft its author aligns, too; later the owner does. Raises INVALID for a standard that no
    published framework has, unless the goal was for it already."""

    async def act(goal: Goal) -> None:
        by, at = call.principal.person, ports.clock.now()
        goal.check_align(by, at)
        goal.align(by, at, await _aligned(ports, goal, asked.standards))

    return await ports.goals.change(call, goal_id, act)


async def _aligned(
    ports: Ports, goal: Goal, named: Sequence[NameStandard]
) -> Sequence[AlignedStandard]:
    """1 database command for each framework."""
    known = {(each.framework, each.id): each for each in goal.standards}
    frameworks: dict[str, Framework | None] = {}
    for index, each in enumerate(named):
        if (each.framework_id, each.standard_id) in known:
            continue
        if each.framework_id not in frameworks:
            frameworks[each.framework_id] = await if_there(
                ports.frameworks.get(goal.district, each.framework_id)
            )
        found = frameworks[each.framework_id]
        published = found is not None and found.state is FrameworkState.PUBLISHED
        standard = found.standard(each.standard_id) if found is not None and published else None
        if standard is None:
            detail = "No published framework of the district has such a standard."
            raise invalid("unknown_standard", detail, f"/standards/{index}/standard_id")
        known[each.framework_id, standard.id] = AlignedStandard(
            each.framework_id, standard.id, standard.code, standard.text
        )
    return [known[each.framework_id, each.standard_id] for each in named]


class NameEvidence(Body):
    kind: Annotated[GoalEvidenceKind, Field(strict=False)] = Field(examples=["observation"])
    evidence_id: Id = Field(
        examples=["observation-1"],
        description="The survey, the set of student work or the observation; whether there is such "
        "a thing, the service that owns it knows",
    )


class LinkEvidence(NameEvidence):
    pass


async def link_evidence(ports: Ports, call: Call, goal_id: Id, asked: LinkEvidence) -> Goal:
    """Say that a survey, a set of student work or an observation speaks of the goal.

    It is not looked for, and who sees it its own service decides. What is linked already stays as
    it is."""

    def act(goal: Goal) -> None:
        by, at = call.principal.person, ports.clock.now()
        goal.link_evidence(asked.kind, asked.evidence_id, by, at)

    return await ports.goals.change(call, goal_id, act)


async def void_evidence(
    ports: Ports, call: Call, goal_id: Id, evidence_number: EvidenceNumber
) -> Goal:
    """Let a link to evidence no longer count; who made it and the owner may."""

    def act(goal: Goal) -> None:
        goal.void_evidence(evidence_number, call.principal.person, ports.clock.now())

    return await ports.goals.change(call, goal_id, act)


class ReviseGoal(Body):
    reason: Text = Field(examples=["The survey showed another need"])
    statement: Text | None = None
    target: Number | None = None
    due_date: Day | None = None
    remove_due_date: bool = False
    baseline: Number | None = Field(
        default=None, examples=[36], description="Where it was mistyped"
    )
    evidence_numbers: list[EvidenceNumber] = Field(
        default=[],
        max_length=MOST_NAMED,
        examples=[[]],
        description="Links of the goal to evidence from which that comes",
    )
    new_evidence: list[NameEvidence] = Field(
        default=[],
        max_length=MOST_NAMED,
        examples=[[{"kind": "survey", "evidence_id": "survey-2"}]],
        description="What it comes from and is not linked yet: it is, with the revision",
    )


async def revise_goal(ports: Ports, call: Call, goal_id: Id, asked: ReviseGoal) -> Goal:
    """Change what an active goal says, with a reason and what it comes from; the owner only. Needs
    the version that was seen. What it said before is kept.

    Raises INVALID for a new due date as `draft_goal`, and for a link that there is not or that was
    voided. What says the same changes nothing, and links nothing."""

    def act(goal: Goal) -> None:
        now, before = ports.clock.now(), goal.due
        goal.revise(
            call.principal.person,
            now,
            asked.reason,
            statement=asked.statement,
            target=asked.target,
            due="" if asked.remove_due_date else asked.due_date,
            baseline=asked.baseline,
            evidence=asked.evidence_numbers,
            seen=[(each.kind, each.evidence_id) for each in asked.new_evidence],
        )
        if goal.due != before:
            ports.days.check_due(call.district, now, goal.due)

    return await ports.goals.change(call, goal_id, act)


class RateGoal(Body):
    importance: Rated = Field(examples=[8])
    confidence: Rated = Field(examples=[6])


async def rate_goal(ports: Ports, call: Call, goal_id: Id, asked: RateGoal) -> Goal:
    """Say how much the goal matters to her, and how sure she is to reach it; the owner only."""

    def act(goal: Goal) -> None:
        goal.rate(call.principal.person, ports.clock.now(), asked.importance, asked.confidence)

    return await ports.goals.change(call, goal_id, act)


async def get_goal_rating(ports: Ports, call: Call, goal_id: Id) -> Goal:
    """How much the goal matters to its owner, and how sure she is to reach it."""
    return await ports.goals.get(call, goal_id)


class CommentGoal(Body):
    text: Remark = Field(examples=["Do you mean all students, or those who never speak?"])


async def comment_goal(ports: Ports, call: Call, goal_id: Id, asked: CommentGoal) -> Goal:
    """Say something of a goal, to its owner and who coaches her: nobody else reads it."""

    def act(goal: Goal) -> None:
        goal.comment(call.principal.person, ports.clock.now(), asked.text)

    return await ports.goals.change(call, goal_id, act)


async def void_goal_comment(
    ports: Ports, call: Call, goal_id: Id, comment_number: CommentNumber
) -> Goal:
    """Take the words of a comment on a goal away; its author only."""

    async def act(goal: Goal) -> None:
        by = made_by(goal.comments, comment_number)
        author = await merges.kept_of(ports.access, goal.district, by)
        goal.void_comment(comment_number, call.principal.person, ports.clock.now(), author)

    return await ports.goals.change(call, goal_id, act)


async def get_goal_comments(ports: Ports, call: Call, goal_id: Id) -> Goal:
    """What its owner and who coaches her have said of a goal."""
    return await ports.goals.get(call, goal_id)


async def get_goal_check(ports: Ports, call: Call, goal_id: Id) -> Goal:
    """What makes a goal a good one, and what this one lacks: advice, which hinders nobody."""
    return await ports.goals.get(call, goal_id)
