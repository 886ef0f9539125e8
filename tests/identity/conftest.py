from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.assembly.registry import TOPICS
from services.chassis.log.topics import ensure_topics
from services.ctl.demo.district import build_district, scaled
from services.ctl.engines import Engines
from tests.support import keycloak as identity
from tests.support.asking import plain_client
from tests.support.engines import engines
from tests.support.fetching import Missing
from tests.support.keycloak import Keycloak
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

__all__ = ["engines"]

YEAR = 2027
PEOPLE = ("teacher-0001", "coach-01")
SERVICES = ("roster", "goals")
# By frontend, how long its tokens live: an hour at most is taken.
LIVES = {"frontend": 300, "hasty": 5, "careless": 7200}


@pytest.fixture(scope="session")
async def keycloak(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Keycloak]:
    """With a realm for people and one for programs, as docs/security.md says."""
    try:
        started = await identity.start_keycloak(tmp_path_factory.mktemp("keycloak"))
    except Missing as error:
        pytest.exit(str(error), returncode=1)
    try:
        await identity.staff(started, LIVES, PEOPLE)
        await identity.partners(started, ("roster.write", "roster.read", "goals.read"))
        yield started
    finally:
        await started.child.stop()


def districts(keycloak: Keycloak) -> dict[str, Any]:
    """As the page has it."""
    page = (Path(__file__).parents[2] / "docs/security.md").read_text()
    block = page.partition("**Keycloak.**\n\n```yaml\n")[2].partition("```")[0]
    issuers = yaml.safe_load(block.replace("https://sso.example.org", keycloak.url))["issuers"]
    assert len(issuers) == 2
    return {"districts": {"lakewood": {"issuers": issuers}}}


@pytest.fixture(scope="session")
async def stack(
    keycloak: Keycloak, engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningStack]:
    """Two services with the settings of production, and a roster that a program has brought."""
    folder = tmp_path_factory.mktemp("stack")
    file = folder / "ours.yaml"
    file.write_text(yaml.safe_dump(districts(keycloak)))
    await ensure_topics(engines.kafka_bootstrap_servers, TOPICS)
    made = RunningStack(engines, folder, "identity")
    await made.ensure_indexes()
    told = {
        "ENVIRONMENT": "production",
        "ALLOW_PLAINTEXT": "kafka,mongodb",
        "BACKDATING": "false",
        "DISTRICTS_FILE": str(file),
        "SSL_CERT_FILE": str(keycloak.authority),
    }
    try:
        for service in SERVICES:
            made.start(service, **told)
        for service in SERVICES:
            await made.ready(service)
        await brought(keycloak, made)
        yield made
    finally:
        await made.stop()


async def brought(keycloak: Keycloak, stack: RunningStack) -> None:
    answer = await asked(
        stack,
        "POST",
        "roster",
        "/imports",
        await of_a_program(keycloak, "roster.write"),
        content=build_district(scaled(25), YEAR),
    )
    assert answer == (202, ""), answer

    async def known() -> bool:
        token = await of(keycloak, "teacher-0001")
        return all([(await me(stack, each, token))[0] == 200 for each in SERVICES])

    await eventually(known, 60)


async def of(keycloak: Keycloak, person: str, frontend: str = "frontend") -> str:
    """An access token: she signs in on Keycloak's page."""
    return (await keycloak.signed_in(person, frontend))["access_token"]


async def of_a_program(keycloak: Keycloak, scope: str) -> str:
    said = await keycloak.tokens(
        "partners",
        grant_type="client_credentials",
        client_id="roster-sync",
        client_secret="only-for-tests",
        scope=scope,
    )
    return said["access_token"]


async def asked(
    stack: RunningStack, method: str, service: str, path: str, token: str, **sent: Any
) -> tuple[int, str]:
    """The status, and the code of a problem."""
    headers = {"Authorization": f"Bearer {token}"}
    if "content" in sent:
        headers["Content-Type"] = "application/zip"
    async with plain_client(timeout=60) as client:
        url = f"{stack.stack.rest(service)}/{service}/v1{path}"
        answer = await client.request(method, url, headers=headers, **sent)
    return answer.status_code, "" if answer.is_success else answer.json()["code"]


async def me(stack: RunningStack, service: str, token: str) -> tuple[int, str]:
    path = "/me" if service == "roster" else "/goals"
    return await asked(stack, "GET", service, path, token)
