"""The services as callers find them: what answers, in which version, and whether strangers wait
outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from services.assembly.service import VERSION
from services.ctl.doctor.engines import of_clock
from services.ctl.doctor.finding import Case, Finding, Verdict

ASKED = 4  # connections, each of which may come to another process
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """`stranger`: the status of a list that was asked for without a token, 0 where there is no
    list to ask for. `ahead`: by its own clock, None where it does not say."""

    version: str
    stranger: int
    at: datetime | None


async def services(case: Case, _: str) -> AsyncIterator[Finding]:
    if not case.urls:
        do = "name the services with --url or --at"
        yield Finding("services", "", Verdict.UNSEEN, "nobody said where they are", do)
    answers = await asyncio.gather(*(_of(*each) for each in case.urls.items()))
    for service, found in zip(case.urls, answers, strict=True):
        yield found if isinstance(found, Finding) else of_answers(service, found)
    for service, found in zip(case.urls, answers, strict=True):
        if isinstance(found, list) and found[-1].at is not None:
            yield of_clock(service, found[-1].at - case.now())
            break  # of the others nothing is known that is not known of this one


async def _of(service: str, url: str) -> list[Shown] | Finding:
    try:
        async with asyncio.timeout(SECONDS * 2):
            return [await _asked(service, url) for _ in range(ASKED)]
    except (httpx2.HTTPError, OSError, ValueError, KeyError, TypeError) as error:
        told = f"{url}: {type(error).__name__}" + (f" ({error})" if str(error) else "")
        do = "see that it runs and is ready, and that this process may reach it"
        return Finding("services", service, Verdict.WRONG, told, do)


async def _asked(service: str, url: str) -> Shown:
    secure = url.startswith("https:")
    async with httpx2.AsyncClient(timeout=SECONDS, verify=secure, trust_env=secure) as client:
        answer = await client.get(f"{url}/{service}/openapi.json")
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        lists = [p for p, told in document["paths"].items() if "get" in told and "{" not in p]
        status = (await client.get(f"{url}{lists[0]}")).status_code if lists else 0
    said = answer.headers.get("date")
    at = parsedate_to_datetime(said) if said else None
    return Shown(str(document["info"]["version"]), status, at)


def of_answers(service: str, answers: Sequence[Shown]) -> Finding:
    versions = sorted({each.version for each in answers})
    facts = {"versions": versions, "this": VERSION}
    for each in answers:
        if each.stranger not in (0, 401):
            told = f"answers {each.stranger} to who shows no token, not 401"
            do = "see what stands before it: nothing but this service may answer here"
            return Finding("services", service, Verdict.WRONG, told, do, facts)
    if versions != [VERSION]:
        told = f"runs as {' and '.join(versions)}, this is {VERSION}"
        do = "finish the upgrade, or use the doctor of that version"
        return Finding("services", service, Verdict.WATCH, told, do, facts)
    return Finding("services", service, Verdict.RIGHT, f"answers, version {VERSION}", facts=facts)
