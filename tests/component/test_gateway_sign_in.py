"""People sign in at the local stack's one address as they do with a district's provider: discovery,
the code flow with PKCE, an ID token for the frontend and an access token for the APIs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette

from services.access.districts import load_districts
from services.chassis import base64url
from services.chassis.edge.identity import Identity
from services.chassis.kernel import Fault
from services.chassis.metrics import Metrics
from services.ctl.gateway.sign_in import CODE_SECONDS, MOST_CODES, SignIn
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.stack import Stack
from services.ctl.target import Local
from tests.support.gateways import gateway

NOBODY = Starlette()
VERIFIER = "v" * 43
CHALLENGE = base64url.encode(hashlib.sha256(VERIFIER.encode()).digest())
PAGE = "http://localhost:5173/signed-in?from=test"
ASKED = {
    "response_type": "code",
    "client_id": "my-frontend",
    "redirect_uri": PAGE,
    "scope": "openid profile",
    "state": "a state",
    "nonce": "once",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "login_hint": "coach",
}
PEOPLE = {"coach": "coach-01", "admin": "admin-01"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a local stack with the demo's districts."""
    write_districts(tmp_path, DEMO)
    return tmp_path


async def led_back(client: httpx2.AsyncClient, **other: str) -> tuple[str, Mapping[str, str]]:
    """Where to, and what is told there."""
    answer = await client.get("/login/authorize", params={**ASKED, **other})
    assert answer.status_code == 303, answer.text
    place, _, query = answer.headers["location"].partition("?")
    return place, {name: value for name, (value,) in parse_qs(query).items()}


async def redeemed(client: httpx2.AsyncClient, code: str, **other: str) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": PAGE,
        "client_id": "my-frontend",
        "code_verifier": VERIFIER,
        **other,
    }
    origin = {"Origin": "http://localhost:5173"}
    return await client.post("/login/token", data=form, headers=origin)


async def test_a_frontend_finds_its_way_and_gets_both_tokens(folder: Path) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        base = str(client.base_url).rstrip("/")
        found = (await client.get("/login/.well-known/openid-configuration")).json()
        place, told = await led_back(client)
        answer = await redeemed(client, told["code"])
        keys = (await client.get("/login/keys")).json()
    assert found["issuer"] == f"{base}/login"
    places = {found[f"{each}_endpoint"] for each in ("authorization", "token")}
    assert places == {f"{base}/login/authorize", f"{base}/login/token"}
    assert found["jwks_uri"] == f"{base}/login/keys"
    assert place == "http://localhost:5173/signed-in"
    assert (told["from"], told["state"], told["iss"]) == ("test", "a state", found["issuer"])
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    claims = jwt.decode(tokens["id_token"], KeySet.import_key_set(keys), ["ES256"]).claims
    assert {name: claims[name] for name in ("iss", "aud", "sub", "nonce")} == {
        "iss": found["issuer"],
        "aud": "my-frontend",
        "sub": "coach-01",
        "nonce": "once",
    }
    assert claims["exp"] - claims["iat"] == 3600
    assert "'d'" not in str(keys)


async def test_services_take_the_access_token_and_not_the_other(folder: Path) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        _, told = await led_back(client, login_hint="teacher-0007")
        tokens = (await redeemed(client, told["code"])).json()
    districts = load_districts(str(folder / "districts.yaml"), "development")
    identity = Identity(districts.issuers, Metrics(), "coaching")
    who = await identity.verify(tokens["access_token"])
    assert (who.district, who.person, who.scopes) == ("lakewood", "teacher-0007", frozenset())
    with pytest.raises(Fault, match="issuer"):
        await identity.verify(tokens["id_token"])


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"client_id": "another"}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:5173/"}, "invalid_grant"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code_verifier": "v" * 20_000}, "unsupported_grant_type"),
    ],
    ids=str,
)
async def test_a_code_is_redeemed_by_who_asked_for_it(
    folder: Path, other: dict[str, str], error: str
) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        _, told = await led_back(client)
        refused = await redeemed(client, **{"code": told["code"], **other})
    assert (refused.status_code, refused.json()) == (400, {"error": error})


async def test_a_code_is_good_once_and_one_that_was_tried_with_another_verifier_never(
    folder: Path,
) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        _, told = await led_back(client)
        assert (await redeemed(client, told["code"])).status_code == 200
        assert (await redeemed(client, told["code"])).status_code == 400
        _, told = await led_back(client)
        assert (await redeemed(client, told["code"], code_verifier="w" * 43)).status_code == 400
        assert (await redeemed(client, told["code"])).status_code == 400


async def given(client: httpx2.AsyncClient, **other: str) -> httpx2.Response:
    """A program asks as docs/partners.md does."""
    form = {"client_id": "warehouse", "client_secret": "any", "scope": "goals.read orgs.read"}
    form = {"grant_type": "client_credentials", **form, **other}
    return await client.post("/login/token", data=form)


async def test_a_partners_program_gets_the_scopes_that_it_asks_for(folder: Path) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        answer = await given(client)
        found = (await client.get("/login/.well-known/openid-configuration")).json()
    told = answer.json()
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
    assert told["scope"] == "goals.read orgs.read"
    assert answer.headers["cache-control"] == "no-store"
    assert "client_credentials" in found["grant_types_supported"]
    assert {"openid", "goals.read"} <= set(found["scopes_supported"])
    districts = load_districts(str(folder / "districts.yaml"), "development")
    who = await Identity(districts.issuers, Metrics(), "coaching").verify(told["access_token"])
    assert (who.district, who.partner, who.person) == ("lakewood", "warehouse", "")
    assert who.scopes == {"goals.read", "orgs.read"}


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "goals.read everything"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"client_id": ""}, "invalid_client"),
        ({"client_id": "coach 01"}, "invalid_client"),
        ({"client_id": "x" * 65}, "invalid_client"),
    ],
    ids=str,
)
async def test_a_program_without_a_name_or_a_scope_gets_none(
    folder: Path, other: dict[str, str], error: str
) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        refused = await given(client, **other)
    assert (refused.status_code, refused.json()) == (400, {"error": error})


async def test_codes_end_and_are_bounded(folder: Path) -> None:
    now = 100.0
    sign_in = SignIn(Local(folder, Stack("k", "m", {}, PEOPLE, 0)), lambda: now)
    transport = httpx2.ASGITransport(Starlette(routes=[*sign_in.routes]))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        _, first = await led_back(client)
        now += CODE_SECONDS
        assert (await redeemed(client, first["code"])).status_code == 400
        _, first = await led_back(client)
        for _ in range(MOST_CODES):
            _, last = await led_back(client)
        assert (await redeemed(client, first["code"])).status_code == 400
        assert (await redeemed(client, last["code"])).status_code == 200


@pytest.mark.parametrize(
    "redirect",
    [
        "",
        "https://example.org/",
        "http://example.org/",
        "http://localhost.example.org/",
        "http://127.0.0.1@example.org/",
        "http://user@localhost/",
        "http://localhost\\@example.org/",
        "http://localhost/#part",
        "http://localhost/\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "//localhost/",
        "http://localhost/" + "x" * 600,
    ],
)
async def test_nobody_is_led_to_another_machine(folder: Path, redirect: str) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        asked = {**ASKED, "redirect_uri": redirect}
        answer = await client.get("/login/authorize", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_redirect")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "ä" * 43}, "invalid_request"),
        ({"nonce": "n" * 600}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
    ids=str,
)
async def test_what_cannot_be_answered_is_told_where_it_was_asked(
    folder: Path, other: dict[str, str], error: str
) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        place, told = await led_back(client, **other)
    assert place == "http://localhost:5173/signed-in"
    assert (told["error"], told["state"]) == (error, "a state")
    assert "code" not in told


async def test_who_says_nobody_is_asked(folder: Path) -> None:
    asked = {**ASKED, "login_hint": "", "state": '"><script>'}
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        page = await client.get("/login/authorize", params=asked)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.text.count("&amp;login_hint=") == 2
    assert ">Coach</a>" in page.text
    assert "<script" not in page.text


async def test_other_sites_get_nothing(folder: Path) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        origin = {"Origin": "https://example.org"}
        found = await client.get("/login/.well-known/openid-configuration", headers=origin)
        elsewhere = {"Host": "example.org"}
        refused = await client.get("/login/authorize", params=ASKED, headers=elsewhere)
    assert "access-control-allow-origin" not in found.headers
    assert refused.status_code == 421


@pytest.mark.parametrize("origin", ["http://[::1", "http://[x]", "null", "//"])
async def test_an_origin_that_is_none_is_nobodys(folder: Path, origin: str) -> None:
    async with gateway(NOBODY, folder, people=PEOPLE) as client:
        found = await client.get("/login/keys", headers={"Origin": origin})
    assert found.status_code == 200
    assert "access-control-allow-origin" not in found.headers
