"""When certificates end: those in files, and those that engines and issuers show."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from services.access.districts import load_districts
from services.chassis.certificates import end_in_file
from services.chassis.mongo import Database, PyMongoError
from services.chassis.settings import BadSettings
from services.chassis.tls import trusting
from services.ctl.doctor.finding import Case, Finding, Verdict

WATCH, WRONG = timedelta(days=21), timedelta(days=7)
SECONDS = 5.0
AT_ONCE = 20
NAME = "certificates"
RENEW = "renew it, or see why what renews it does not"

Trust = Callable[[], ssl.SSLContext | Literal[True]]


async def certificates(case: Case, _: str) -> AsyncIterator[Finding]:
    for name, path in case.settings.certificate_files.items():
        yield in_file(name, path, case.now())
    for own in case.stores.values():  # its client knows the members of the set from then on
        with contextlib.suppress(PyMongoError):
            await own.command("ping")
    turns = asyncio.Semaphore(AT_ONCE)
    asked = [
        _shown(whose, host, port, trust, turns, case) for whose, host, port, trust in _peers(case)
    ]
    for each in asyncio.as_completed(asked):
        yield await each


def in_file(name: str, path: str, now: datetime) -> Finding:
    try:
        end = end_in_file(name, path)
    except (OSError, ValueError) as error:
        told = f"cannot be read ({type(error).__name__})"
        return Finding(NAME, name, Verdict.WRONG, told, "put a PEM file in its place")
    return ending(name, end, now)


def ending(name: str, end: datetime, now: datetime) -> Finding:
    left = end - now
    facts = {"ends": end.isoformat()}
    if left <= timedelta(0):
        return Finding(NAME, name, Verdict.WRONG, f"ended on {end:%Y-%m-%d}", RENEW, facts)
    told = f"ends on {end:%Y-%m-%d}, in {left.days} days"
    if left > WATCH:
        return Finding(NAME, name, Verdict.RIGHT, told, facts=facts)
    state = Verdict.WRONG if left <= WRONG else Verdict.WATCH
    return Finding(NAME, name, state, told, RENEW, facts)


def _peers(case: Case) -> set[tuple[str, str, int, Trust]]:
    """Whose, host, port and whom to trust, of all that are reached by TLS."""
    found: set[tuple[str, str, int, Trust]] = set()
    kafka, mongodb = case.settings.kafka_files.context, case.settings.mongodb_files.context
    as_keys_are_fetched = partial(trusting, case.settings.issuers_ca_file)
    if case.settings.kafka_security().tls:
        for each in case.servers.split(","):
            name, _, number = each.strip().rpartition(":")
            found.add((f"Kafka {each.strip()}", name, int(number), kafka))
    if case.settings.mongodb_tls:
        for host, port in {node for store in case.stores.values() for node in _nodes(store)}:
            found.add((f"MongoDB {host}:{port}", host, port, mongodb))
    try:
        issuers = load_districts(case.districts_file, case.settings.environment).issuers
    except BadSettings:
        issuers = ()
    for issuer in issuers:
        parts = urlsplit(issuer.jwks_uri)
        if parts.scheme == "https" and parts.hostname:
            whose = f"issuer {parts.hostname}"
            found.add((whose, parts.hostname, parts.port or 443, as_keys_are_fetched))
    return found


def _nodes(own: Database) -> set[tuple[str, int]]:
    """Those that its client has reached."""
    found: set[tuple[str, int]] = set(own.client.delegate.nodes)
    return found


async def _shown(
    whose: str, host: str, port: int, trust: Trust, turns: asyncio.Semaphore, case: Case
) -> Finding:
    try:
        async with turns, asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=trust())
    except ssl.SSLError as error:
        told = f"is not accepted ({getattr(error, 'verify_message', '') or error.reason})"
        return Finding(NAME, whose, Verdict.WRONG, told, "see who issued it, for which name")
    except OSError as error:  # TimeoutError is one
        return Finding(NAME, whose, Verdict.UNSEEN, f"no connection ({type(error).__name__})")
    told = writer.get_extra_info("peercert")
    writer.transport.abort()
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC)
    return ending(whose, end, case.now())
