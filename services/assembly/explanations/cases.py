"""What is asked about who may do what, and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from services.access.about import About
from services.access.access import Access
from services.access.explaining import explain
from services.access.guarded import GuardedReads
from services.access.policy import Policies
from services.assembly.explanations.resources import (
    AccessExplanationResource,
    ExplainedOperationResource,
)
from services.chassis.call import Call
from services.chassis.fields import Code, Id, IdOrMe
from services.chassis.kernel import invalid, not_found
from services.chassis.write.write_path import WritePath

OfHers = Annotated[
    Id, Field(description="One thing of the teacher's, of the kind that the operation is about")
]


@dataclass(frozen=True, slots=True)
class Things:
    """One kind of what is about a teacher: where they are, and whom each is about."""

    path: WritePath[Any]
    about: Callable[[Any], About | Awaitable[About]]

    async def about_of(self, district: str, id: str) -> About:
        """Raises Fault NOT_FOUND."""
        about = self.about(await self.path.get(district, id))
        return about if isinstance(about, About) else await about


@dataclass(frozen=True, slots=True)
class Ports:
    """`things`: by the kind of which their operations are, as policies name it."""

    policies: Policies
    access: Access
    reads: GuardedReads
    things: Mapping[str, Things]


async def get_access_explanation(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe,
    teacher_id: IdOrMe,
    operation: Code | None = None,
    thing_id: OfHers | None = None,
) -> AccessExplanationResource:
    """Why a person may do what this service does with what is a teacher's, or may not.

    By the rule, the relation, the grant and what the teacher shows, as of now: of one operation or
    all, and of one thing of hers where its id is given. Nothing of what it holds is told. Both
    find in their lists that it was asked."""

    async def read() -> AccessExplanationResource:
        asked = _asked(ports, operation)
        thing = None
        if thing_id is not None:
            thing = await _thing(ports, call.district, asked, teacher_id, thing_id)
        of_both = (call.district, person_id, teacher_id)
        found = await explain(ports.access, asked, *of_both, thing)
        return AccessExplanationResource(
            person_id=person_id,
            teacher_id=teacher_id,
            thing_id=thing_id,
            explained=[
                ExplainedOperationResource(
                    operation=each.operation,
                    kind=each.about or None,
                    answer=each.answered,
                    rule=list(each.rule),
                    relation=each.relation or None,
                    grant_id=each.grant or None,
                    shown=list(each.shown),
                    why=list(each.why),
                )
                for each in found
            ],
        )

    concerned = (teacher_id, person_id)
    others = [each for each in (teacher_id,) if each != call.principal.person]
    return await ports.reads.many(call, others, read, lambda _: concerned)


def _asked(ports: Ports, operation: str | None) -> Policies:
    if operation is None:
        return ports.policies
    if operation not in ports.policies:
        detail = "This service has no operation of that name."
        raise invalid("unknown_operation", detail, "/operation")
    return {operation: ports.policies[operation]}


async def _thing(ports: Ports, district: str, asked: Policies, teacher: str, id: str) -> About:
    """One of the kind that is asked for, of this teacher: any other looks as if it were not there.
    Raises Fault INVALID where no operation of one kind is asked for, NOT_FOUND."""
    kinds = {policy.about for policy in asked.values()}
    things = ports.things.get(kinds.pop()) if len(kinds) == 1 else None
    if things is None:
        detail = "It takes an operation that is about such a thing."
        raise invalid("names_no_thing", detail, "/thing_id")
    about = await things.about_of(district, id)
    if teacher not in (about.teacher, *about.parties):
        raise not_found()
    return about
