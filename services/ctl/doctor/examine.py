"""Runs the checks beside each other: none takes longer than its limit, none ends the others.

Who does not answer is asked again for a while: to a pod that has just begun a cluster's network is
closed until its policies are known everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.chassis.kernel import OperatorError
from services.ctl.doctor import (
    certificates,
    doors,
    engines,
    erasures,
    grants,
    issuers,
    rosters,
    stored,
)
from services.ctl.doctor.finding import KAFKA, MONGODB, Case, Finding, Inquiry, Verdict

CHECKS = (
    Inquiry(KAFKA, engines.kafka, again=Verdict.WRONG),
    Inquiry(MONGODB, engines.mongodb, each=True, again=Verdict.WRONG),
    Inquiry("certificates", certificates.certificates, again=Verdict.UNSEEN),
    Inquiry("districts", issuers.districts),
    Inquiry("issuers", issuers.issuers, again=Verdict.WRONG),
    Inquiry("services", doors.services, again=Verdict.WRONG),
    Inquiry("clocks", engines.mongodb_clock, needs=(MONGODB,)),
    Inquiry("disk", engines.disk, each=True, needs=(MONGODB,)),
    Inquiry("topics", engines.topics, needs=(KAFKA,)),
    Inquiry("indexes", engines.indexes, each=True, needs=(MONGODB,)),
    Inquiry("outbox", stored.outbox, each=True, needs=(MONGODB,)),
    Inquiry("views", stored.views, each=True, needs=(KAFKA, MONGODB)),
    Inquiry("access", stored.access, each=True, needs=(MONGODB,)),
    Inquiry("parked", stored.parked, each=True, needs=(MONGODB,)),
    Inquiry("duties", stored.duties, each=True, needs=(MONGODB,)),
    Inquiry("erasures", erasures.erasures, each=True, needs=(MONGODB,)),
    Inquiry("grants", grants.grants, each=True, needs=(MONGODB,)),
    Inquiry("rosters", rosters.rosters, each=True, needs=(MONGODB,)),
)
ENGINES = {KAFKA: "Kafka", MONGODB: "MongoDB"}
PAUSE_SECONDS = 0.5


async def examine(
    case: Case, limit: float, checks: Sequence[Inquiry] = CHECKS
) -> Sequence[Finding]:
    """In the order of the checks, within twice `limit` seconds. Never raises."""
    first = await _all(case, limit, [each for each in checks if not each.needs])
    away = {
        (each.check, each.about)
        for each in first
        if each.check in ENGINES and each.state is not Verdict.RIGHT and not each.facts
    }
    second = await _all(case, limit, [each for each in checks if each.needs], away)
    return [*first, *second]


async def _all(
    case: Case, limit: float, checks: Sequence[Inquiry], away: set[tuple[str, str]] | None = None
) -> list[Finding]:
    asked = [(c, about) for c in checks for about in (case.databases if c.each else [""])]
    found = await asyncio.gather(*(_one(case, limit, *each, away or set()) for each in asked))
    return [finding for each in found for finding in each]


async def _one(
    case: Case, limit: float, check: Inquiry, about: str, away: set[tuple[str, str]]
) -> list[Finding]:
    for engine in check.needs:
        of = {whose for name, whose in away if name == engine}
        if of and (not about or of & {"", about}):
            told = f"{ENGINES[engine]} does not answer"
            return [Finding(check.name, about, Verdict.UNSEEN, told)]
    loop = asyncio.get_running_loop()
    patient, end = loop.time() + case.patience, loop.time() + limit
    while True:
        found = await _looked(case, limit, end, check, about)
        unlike = check.again not in {each.state for each in found}
        if unlike or loop.time() + PAUSE_SECONDS >= min(patient, end):
            return found
        await asyncio.sleep(PAUSE_SECONDS)


async def _looked(
    case: Case, limit: float, end: float, check: Inquiry, about: str
) -> list[Finding]:
    """Until `end` of the loop's time; `limit` is what it says of that."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout_at(end):
            async for each in check.look(case, about):
                found.append(each)
    except TimeoutError:
        told = f"no answer within {limit:g} s"
        found.append(Finding(check.name, about, Verdict.WRONG, told, _AGAIN))
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks go on
        # only what is written for operators is shown: other texts may hold anything
        said = f" ({error})" if isinstance(error, OperatorError) else ""
        told = f"cannot be told: {type(error).__name__}{said}"
        found.append(Finding(check.name, about, Verdict.WRONG, told, _AGAIN))
    return found


_AGAIN = "look again; where it stays so, look at that engine's or service's log"
