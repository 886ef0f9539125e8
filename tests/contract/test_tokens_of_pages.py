"""The tokens that the pages show are taken by the issuers that they show, and for whom they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.chassis.call import Principal
from services.chassis.edge.identity import Identity
from services.chassis.issuer import Issuer
from services.chassis.kernel import Fault
from services.chassis.metrics import Metrics

DOCS = Path(__file__).parents[2] / "docs"
OPERATING, SECURITY = "A person's token, worked through", "### A program's token"
HEADER = {"alg": "RS256", "kid": "2026-11", "typ": "JWT"}
KEY = RSAKey.generate_key(2048, {"kid": HEADER["kid"], "use": "sig"})


def blocks(page: str, after: str, language: str) -> list[str]:
    text = (DOCS / page).read_text().partition(after)[2]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def a_person() -> tuple[Any, Any, Any]:
    """The issuer of the page, and the parts of its token."""
    (told,) = yaml.safe_load(blocks("operating.md", OPERATING, "yaml")[0])["issuers"]
    header, claims = blocks("operating.md", OPERATING, "json")[:2]
    return told, json.loads(header), json.loads(claims)


async def taken(issuer: Any, header: Any, claims: Any) -> Principal:
    """By whom it is held to be, a minute after it was made, in production."""
    keys = json.dumps({"keys": [KEY.as_dict(private=False)]})
    token = jwt.encode(header, claims, KEY)
    return await verified(issuer, keys, token, claims.get("iat", 1795968000) + 60.0)


async def verified(issuer: Any, keys: str, token: str, now: float) -> Principal:
    declared = Issuer.model_validate(
        {**issuer, "district": "lakewood"}, context={"environment": "production"}
    )

    async def fetch() -> bytes:
        return keys.encode()

    identity = Identity(
        [declared],
        Metrics(),
        "coaching",
        now=lambda: now,
        fetchers={declared.issuer: fetch},
    )
    return await identity.verify(token)


async def test_the_token_of_a_person() -> None:
    issuer, header, claims = a_person()
    assert header == HEADER
    who = await taken(issuer, header, claims)
    assert (who.district, who.person, who.scopes) == ("lakewood", "coach-01", frozenset())


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "https://login.example.org/", "issuer"),
        ("aud", "another", "audience"),
        ("employee_id", None, "subject"),
        ("exp", 1795968000 + 7200, "exp"),
        ("exp", None, "exp"),
    ],
)
async def test_what_is_wrong_with_one_is_said_in_the_word_of_the_page(
    claim: str, value: Any, reason: str
) -> None:
    issuer, header, claims = a_person()
    changed = {**claims, claim: value}
    with pytest.raises(Fault, match=f"The token is refused: {reason} "):
        await taken(issuer, header, {k: v for k, v in changed.items() if v is not None})
    rows = blocks_of_table()
    assert any(claim in row and f"`{reason}`" in row for row in rows)


def blocks_of_table() -> list[str]:
    text = (DOCS / "operating.md").read_text().partition(OPERATING)[2].partition("To see what")[0]
    return [line for line in text.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("claim", ["sub", "iat", "name", "groups"])
async def test_what_the_page_says_is_not_needed_may_be_missing(claim: str) -> None:
    issuer, header, claims = a_person()
    del claims[claim]
    assert (await taken(issuer, header, claims)).person == "coach-01"


async def test_the_token_of_a_program() -> None:
    example = yaml.safe_load(blocks("installing.md", "### Install", "yaml")[0])
    issuers = example["districts"]["lakewood"]["issuers"]
    claims = json.loads(blocks("security.md", SECURITY, "json")[0])
    (issuer,) = [each for each in issuers if each["issuer"] == claims["iss"]]
    who = await taken(issuer, HEADER, claims)
    assert (who.partner, "roster.write" in who.scopes) == ("roster-sync", True)


def printed(script: str, folder: Path) -> str:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


async def test_a_token_that_a_key_of_ones_own_has_signed(tmp_path: Path) -> None:
    """By the lines of the page, the one after the other."""
    makes, signs = blocks("security.md", "**Without a server", "python")
    keys = printed(makes, tmp_path)
    assert (tmp_path / "rosters.key").stat().st_mode & 0o077 == 0
    assert '"d"' not in keys
    token = printed(signs, tmp_path)
    told = {"issuer": "https://login.example.org/partners", "audience": "tandem", "partner": True}
    more = {"scopes": ["roster.write"], "algorithms": ["ES256"], "jwks_file": "/keys.json"}
    who = await verified({**told, **more}, keys, token, time.time())
    assert (who.partner, "roster.write" in who.scopes) == ("roster-sync", True)
