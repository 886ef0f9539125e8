"""The districts file, and the keys of the issuers that it names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection

import httpx2

from services.access.districts import Districts, load_districts
from services.chassis.edge.jwks import from_file, from_uri, read_keys
from services.chassis.issuer import Issuer
from services.chassis.kernel import Fault
from services.chassis.settings import BadSettings
from services.ctl.doctor.finding import Case, Finding, Verdict

AT_ONCE = 20


async def districts(case: Case, _: str) -> AsyncIterator[Finding]:
    if not case.districts_file:
        do = "name it in DISTRICTS_FILE: without it nobody can sign in"
        yield Finding("districts", "", Verdict.WRONG, "there is no districts file", do)
        return
    try:
        found = load_districts(case.districts_file, case.settings.environment)
    except BadSettings as error:
        do = "mend that line: a process does not start with it"
        yield Finding("districts", "", Verdict.WRONG, str(error), do)
        return
    for each in of_districts(found):
        yield each


def of_districts(found: Districts) -> list[Finding]:
    if not found.by_name:
        told, do = "the file names no district", "name one: nobody can sign in"
        return [Finding("districts", "", Verdict.WRONG, told, do)]
    silent = [name for name, district in found.by_name.items() if not district.issuers]
    findings = [
        Finding("districts", name, Verdict.WATCH, "has no issuer", "name one: nobody can sign in")
        for name in silent
    ]
    number = len(found.by_name) - len(silent)
    if number:
        told = f"{number} with issuers"
        findings.insert(0, Finding("districts", "", Verdict.RIGHT, told, facts={"number": number}))
    return findings


async def issuers(case: Case, _: str) -> AsyncIterator[Finding]:
    try:
        found = load_districts(case.districts_file, case.settings.environment).issuers
    except BadSettings:
        told, do = "the districts file cannot be read", "see `districts`"
        yield Finding("issuers", "", Verdict.UNSEEN, told, do)
        return
    turns = asyncio.Semaphore(AT_ONCE)
    ca = case.settings.issuers_ca_file
    for each in asyncio.as_completed([_asked(issuer, turns, ca) for issuer in found]):
        yield await each


async def _asked(issuer: Issuer, turns: asyncio.Semaphore, ca: str) -> Finding:
    fetch = from_file(issuer.jwks_file) if issuer.jwks_file else from_uri(issuer.jwks_uri, ca)
    where = "its jwks_file" if issuer.jwks_file else "its jwks_uri"
    async with turns:
        try:
            keys = read_keys(await fetch())
        except (httpx2.HTTPError, OSError, TimeoutError, Fault, ValueError) as error:
            text = error.code if isinstance(error, Fault) else str(error)
            told = f"{where} gives no keys to {issuer.district}: {type(error).__name__}"
            told += f" ({text})" if text else ""
            do = "see that it is reached (name, proxy, policy, certificate) and holds a key set"
            return Finding("issuers", issuer.issuer, Verdict.WRONG, told, do)
    return of_keys(issuer, [each.algorithms for each in keys.values()])


def of_keys(issuer: Issuer, keys: Collection[Collection[str]]) -> Finding:
    """Each key as the algorithms that it may be used with."""
    allowed = set(issuer.algorithms)
    usable = sum(not allowed.isdisjoint(each) for each in keys)
    facts = {"district": issuer.district, "keys": len(keys), "usable": usable}
    if not usable:
        able = sorted({name for each in keys for name in each})
        told = f"no key for {', '.join(issuer.algorithms)}: its keys are for {', '.join(able)}"
        do = "name its algorithms in the districts file"
        return Finding("issuers", issuer.issuer, Verdict.WRONG, told, do, facts)
    told = f"{usable} usable key{'' if usable == 1 else 's'} for {issuer.district}"
    return Finding("issuers", issuer.issuer, Verdict.RIGHT, told, facts=facts)
