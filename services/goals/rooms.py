"""What single rooms of the goals service need, on whatever stores."""

from __future__ import annotations

from functools import partial

from services.access.access import Access
from services.access.guarded import Guarded, GuardedList
from services.access.names import NamesBeside
from services.assembly.parts import PortParts
from services.goals.celebration import cases as celebration
from services.goals.celebration.codec import CELEBRATION_SUMMARIES, CELEBRATIONS
from services.goals.goal.codec import GOALS, PROGRESS
from services.goals.trial.codec import TRIALS


def celebrations(parts: PortParts, access: Access) -> celebration.Ports:
    path, whose = parts.path(CELEBRATIONS), partial(celebration.whose_celebration, access)
    return celebration.Ports(
        celebrations=Guarded(path, access, parts.clock, whose),
        summaries=GuardedList(parts.summaries(CELEBRATION_SUMMARIES), access),
        path=path,
        goals=parts.path(GOALS),
        progress=parts.entries(PROGRESS),
        trials=parts.path(TRIALS),
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )
