"""What callers do with frameworks of standards."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Clock
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.entries import Numbered, number_in
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.goals.framework.bodies import BeginFramework, CodeBegins, ExtendFramework
from services.goals.framework.domain import (
    MOST_FRAMEWORKS,
    Framework,
    FrameworkState,
    FrameworkSummary,
    Standard,
)

BY_DATE = ByDate("begun_at", within=("state",))
_WITHDRAWN = {"state": FrameworkState.WITHDRAWN.value}
_FULL = Bound(
    {},
    MOST_FRAMEWORKS,
    "too_many_frameworks",
    f"A district has at most {MOST_FRAMEWORKS} frameworks, retired ones included.",
)


@dataclass(frozen=True, slots=True)
class Ports:
    frameworks: Guarded[Framework]
    summaries: GuardedList[FrameworkSummary]
    clock: Clock


async def begin_framework(ports: Ports, call: Call, asked: BeginFramework) -> Framework:
    """Begin to import a framework of standards, which is filled part by part and then published."""
    framework = Framework(
        id=ports.frameworks.new_id(call),
        district=call.district,
        case_id=asked.case_id,
        title=asked.title,
        edition=asked.edition,
        source=asked.source,
        begun_at=ports.clock.now(),
    )
    return await ports.frameworks.create(call, framework.begun(), (_FULL,))


async def extend_framework(
    ports: Ports, call: Call, framework_id: Id, asked: ExtendFramework
) -> Framework:
    """Add standards to a framework that is imported, in their order; what is there stays.

    Raises INVALID for an id that is there and says something else."""
    new = [
        Standard(each.standard_id, each.code, each.text, each.parent_id or "")
        for each in asked.standards
    ]

    def act(framework: Framework) -> None:
        framework.extend(new, call.principal.person, ports.clock.now())

    return await ports.frameworks.change(call, framework_id, act)


async def list_frameworks(
    ports: Ports,
    call: Call,
    *,
    state: FrameworkState | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[FrameworkSummary]:
    """The district's frameworks of standards, retired ones too, by when their import began; those
    that were withdrawn with `taken_back`, or where their state is asked for."""
    every = taken_back or state is not None
    by, unless = BY_DATE.first(order), None if every else _WITHDRAWN
    return await ports.summaries.find(
        call, About(), where(state=state), after, limit, by=by, unless=unless
    )


async def list_standards(
    ports: Ports,
    call: Call,
    framework_id: Id,
    *,
    code: CodeBegins | None = None,
    after: str,
    limit: int,
) -> Found[Numbered[Standard]]:
    """The standards of a framework in the order of its file; with `code` those whose code begins
    so."""
    framework = await ports.frameworks.get(call, framework_id)
    begins = number_in(after) if after else 0
    asked = [
        Numbered(number, each)
        for number, each in enumerate(framework.standards, 1)
        if number > begins and each.code.startswith(code or "")
    ]
    page = asked[:limit]
    return Found(page, str(page[-1].number) if len(asked) > limit else "")
