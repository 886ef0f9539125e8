"""What is sent to state a decision tree, and what its file says."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.fields import Body, Code, Id, Line, Text
from services.goals.tree.steps import (
    MOST_ANSWERS,
    MOST_OFFERS,
    MOST_TREE_STEPS,
    TreeAnswer,
    TreeStep,
)

NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
AnswerText = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class StateAnswer(Body):
    answer_id: NodeId = Field(examples=["they-wait"], description="A name of its own in its step")
    text: AnswerText = Field(examples=["They wait until I say what is right"])
    leads_to: NodeId = Field(examples=["goal"], description="A step of the tree")
    again: bool = Field(
        default=False, description="It leads back to a step that was passed, on purpose"
    )


class StateTreeStep(Body):
    step_id: NodeId = Field(examples=["listen"], description="A name of its own in the tree")
    title: Line = Field(examples=["Listen to one discussion"])
    question: Question = Field(examples=["What do students do when nobody has answered yet?"])
    answers: list[StateAnswer] = Field(
        default=[], max_length=MOST_ANSWERS, description="Empty where a goal is drafted here"
    )
    measure_ids: list[Code] = Field(default=[], max_length=MOST_OFFERS, examples=[[]])
    tool_ids: list[Id] = Field(default=[], max_length=MOST_OFFERS, examples=[[]])
    strategy_ids: list[Id] = Field(default=[], max_length=MOST_OFFERS, examples=[[]])


class TreeSaid(Body):
    """What a file of a tree says, too."""

    title: Line = Field(examples=["From a discussion to a goal"])
    about: Text = Field(examples=["For teachers who want students to answer each other"])
    steps: list[StateTreeStep] = Field(
        default=[],
        max_length=MOST_TREE_STEPS,
        description="The first is where a walk begins; a draft may have none yet",
    )

    def tree_steps(self) -> tuple[TreeStep, ...]:
        return tuple(map(step_of, self.steps))


class DraftTree(TreeSaid):
    follows: Id | None = Field(
        default=None, examples=["tree-1"], description="The published tree that it is to follow"
    )


class EditTree(TreeSaid):
    """All of it, in place of what it says."""


def step_of(asked: StateTreeStep) -> TreeStep:
    return TreeStep(
        id=asked.step_id,
        title=asked.title,
        question=asked.question,
        answers=tuple(
            TreeAnswer(each.answer_id, each.text, each.leads_to, each.again)
            for each in asked.answers
        ),
        measures=tuple(asked.measure_ids),
        tools=tuple(asked.tool_ids),
        strategies=tuple(asked.strategy_ids),
    )
