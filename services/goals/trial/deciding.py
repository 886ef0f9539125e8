"""What is said of a trial once it is there: what came of it, what she decides, and comments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.access import merges
from services.chassis.call import Call
from services.chassis.fields import DIGITS, Body, Id
from services.goals.comment.domain import LONGEST_COMMENT, MOST_COMMENTS, made_by
from services.goals.evidence.domain import GoalEvidenceKind
from services.goals.trial.cases import Ports
from services.goals.trial.domain import Trial
from services.goals.trial.outline import MOST_RESULTS, TrialOutcome

Remark = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_COMMENT)]
CommentNumber = Annotated[int, Field(ge=1, le=MOST_COMMENTS), DIGITS]
ResultNumber = Annotated[int, Field(ge=1, le=MOST_RESULTS), DIGITS]


class NameResult(Body):
    kind: Annotated[GoalEvidenceKind, Field(strict=False)] = Field(examples=["survey"])
    evidence_id: Id = Field(
        examples=["survey-1"],
        description="The survey, the set of student work or the observation; whether there is such "
        "a thing, the service that owns it knows",
    )


class LinkTrialResult(NameResult):
    pass


async def link_trial_result(
    ports: Ports, call: Call, trial_id: Id, asked: LinkTrialResult
) -> Trial:
    """Say that a survey, a set of student work or an observation speaks of what was tried; the
    teacher only, before she decides and after.

    It is not looked for, and who sees it its own service decides. What is linked already stays as
    it is."""

    def act(trial: Trial) -> None:
        by, at = call.principal.person, ports.clock.now()
        trial.link_result(asked.kind, asked.evidence_id, by, at)

    return await ports.trials.change(call, trial_id, act)


async def void_trial_result(
    ports: Ports, call: Call, trial_id: Id, result_number: ResultNumber
) -> Trial:
    """Let a link to a result no longer count; the teacher only. What she decided stays."""

    def act(trial: Trial) -> None:
        trial.void_result(result_number, call.principal.person, ports.clock.now())

    return await ports.trials.change(call, trial_id, act)


class CloseTrial(Body):
    outcome: Annotated[TrialOutcome, Field(strict=False)] = Field(examples=["keep"])
    results: list[NameResult] = Field(
        default=[],
        max_length=MOST_RESULTS,
        examples=[[{"kind": "survey", "evidence_id": "survey-1"}]],
        description="From what she decides, beside what is linked already",
    )


async def close_trial(ports: Ports, call: Call, trial_id: Id, asked: CloseTrial) -> Trial:
    """Decide to keep, adapt or drop what was tried, and say from what; the teacher only."""

    def act(trial: Trial) -> None:
        seen = [(each.kind, each.evidence_id) for each in asked.results]
        trial.close(call.principal.person, ports.clock.now(), asked.outcome, seen)

    return await ports.trials.change(call, trial_id, act)


class CommentTrial(Body):
    text: Remark = Field(examples=["Shall I come on Tuesday?"])


async def comment_trial(ports: Ports, call: Call, trial_id: Id, asked: CommentTrial) -> Trial:
    """Say something about a trial, to all who see it."""

    def act(trial: Trial) -> None:
        trial.comment(call.principal.person, ports.clock.now(), asked.text)

    return await ports.trials.change(call, trial_id, act)


async def void_comment(
    ports: Ports, call: Call, trial_id: Id, comment_number: CommentNumber
) -> Trial:
    """Take the words of a comment away; its author only."""

    async def act(trial: Trial) -> None:
        by = made_by(trial.comments, comment_number)
        author = await merges.kept_of(ports.access, trial.district, by)
        trial.void_comment(comment_number, call.principal.person, ports.clock.now(), author)

    return await ports.trials.change(call, trial_id, act)
