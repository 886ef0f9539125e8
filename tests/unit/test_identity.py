from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from services.chassis.call import Principal
from services.chassis.edge.identity import Identity
from services.chassis.edge.jwks import read_keys
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import AUTH_REFUSED, Metrics
from tests.support.tokens import LocalIssuer, identity_of, okp_key, rsa_key


class Now:
    def __init__(self) -> None:
        self.seconds = 1_790_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def issuer(now: Now) -> LocalIssuer:
    return LocalIssuer(now=now)


def b64(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def forged(token: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """`token` with parts of it changed under its old signature."""
    top, body, signature = token.split(".")
    old_top = json.loads(base64.urlsafe_b64decode(top + "=="))
    old_body = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{b64({**old_top, **(header or {})})}.{b64({**old_body, **claims})}.{signature}"


def with_payload(token: str, payload: Any) -> str:
    top, _, signature = token.split(".")
    return f"{top}.{b64(payload)}.{signature}"


def with_header(token: str, header: bytes) -> str:
    return f"{b64(header)}.{token.partition('.')[2]}"


async def refused(identity: Identity, token: str) -> Fault:
    with pytest.raises(Fault) as caught:
        await identity.verify(token)
    return caught.value


async def test_a_good_token_is_a_person_of_the_issuers_district(issuer: LocalIssuer) -> None:
    identity = identity_of(issuer)
    assert await identity.verify(issuer.token("coach-1")) == Principal("riverside", "coach-1")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "EdDSA"])
async def test_the_other_algorithms(now: Now, algorithm: str) -> None:
    issuer = LocalIssuer(key=okp_key() if algorithm == "EdDSA" else rsa_key(), now=now)
    token = issuer.token(header={"alg": algorithm})
    assert (await identity_of(issuer).verify(token)).person == "coach-1"


Hostile = Callable[[LocalIssuer], str]
HOUR = 3600
HOSTILE: dict[str, Hostile] = {
    "empty": lambda i: "",
    "no token at all": lambda i: "let me in",
    "two parts": lambda i: i.token().rpartition(".")[0],
    "four parts": lambda i: i.token() + ".x",
    "not ascii": lambda i: i.token() + "é",
    "too long": lambda i: i.token(filler="x" * 9_000),
    "no signature": lambda i: i.token().rpartition(".")[0] + ".",
    "alg none": lambda i: forged(i.token(), {"alg": "none"}).rpartition(".")[0] + ".",
    "alg None": lambda i: forged(i.token(), {"alg": "None"}),
    "alg missing": lambda i: forged(i.token(), {"alg": None}),
    "alg a list": lambda i: forged(i.token(), {"alg": ["ES256"]}),
    "hmac": lambda i: i.token(key=OctKey.import_key("secret" * 8, {"kid": "ec-1"})),
    "hmac with the public key": lambda i: i.token(
        key=OctKey.import_key(json.dumps(i.keys[0]), {"kid": "ec-1"})
    ),
    "another key under the same kid": lambda i: i.token(
        key=ECKey.generate_key("P-256", {"kid": "ec-1"})
    ),
    "an algorithm of another key type": lambda i: forged(i.token(), {"alg": "RS256"}),
    "a curve that is not allowed": lambda i: forged(i.token(), {"alg": "ES384"}),
    "unknown kid": lambda i: i.token(header={"kid": "other"}),
    "kid missing": lambda i: i.token(header={"kid": None}),
    "kid a path": lambda i: i.token(header={"kid": "../../etc/passwd"}),
    "kid a list": lambda i: forged(i.token(), {"kid": ["ec-1"]}),
    "jku": lambda i: i.token(header={"jku": "https://evil.example/keys"}),
    "x5u": lambda i: i.token(header={"x5u": "https://evil.example/cert"}),
    "jwk": lambda i: i.token(header={"jwk": dict(i.key.as_dict(private=False))}),
    "crit": lambda i: forged(i.token(), {"crit": ["exp"]}),
    "b64": lambda i: forged(i.token(), {"b64": False}),
    "zip": lambda i: forged(i.token(), {"zip": "DEF"}),
    "typ of something else": lambda i: i.token(header={"typ": "logout+jwt"}),
    "claims changed": lambda i: forged(i.token(), sub="leader-1"),
    "issuer unknown": lambda i: i.token(iss="https://evil.example"),
    "issuer nearly": lambda i: i.token(iss=i.name + "/"),
    "issuer a list": lambda i: i.token(iss=[i.name]),
    "issuer missing": lambda i: i.token(iss=None),
    "audience of another": lambda i: i.token(aud="payroll"),
    "audience missing": lambda i: i.token(aud=None),
    "audience an object": lambda i: i.token(aud={"tandem": True}),
    "expired": lambda i: i.token(exp=int(i.now()) - 61),
    "exp missing": lambda i: i.token(exp=None),
    "exp a text": lambda i: i.token(exp="tomorrow"),
    "exp true": lambda i: i.token(exp=True),
    "exp too far": lambda i: i.token(exp=int(i.now()) + HOUR + 61),
    "exp NaN": lambda i: i.token(exp=float("nan")),
    "not yet": lambda i: i.token(nbf=int(i.now()) + 61),
    "issued in the future": lambda i: i.token(iat=int(i.now()) + 61),
    "another district": lambda i: i.token(district="lakeside"),
    "no subject": lambda i: i.token(sub=None),
    "subject a number": lambda i: i.token(sub=7),
    "subject empty": lambda i: i.token(sub=""),
    "subject with a separator": lambda i: i.token(sub="riverside:coach-1"),
    "subject an operator": lambda i: i.token(sub={"$ne": ""}),
    "payload a list": lambda i: with_payload(i.token(), [1]),
    "payload no JSON": lambda i: with_payload(i.token(), b"{"),
    "a claim twice": lambda i: with_payload(i.token(), b'{"iss":"a","iss":"b"}'),
    "an encrypted token": lambda i: f"{b64({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d",
    "kid empty": lambda i: i.token(header={"kid": ""}),
    "kid very long": lambda i: i.token(header={"kid": "k" * 129}),
    "kid a query": lambda i: i.token(header={"kid": "x' UNION SELECT 'ec-1"}),
    "kid with NUL": lambda i: i.token(header={"kid": "ec-1\0"}),
    "alg in lower case": lambda i: forged(i.token(), {"alg": "es256"}),
    "alg with a space": lambda i: forged(i.token(), {"alg": "ES256 "}),
    "x5c": lambda i: i.token(header={"x5c": ["MIIB"], "kid": None}),
    "cty another token": lambda i: i.token(header={"typ": "JWE", "cty": "JWT"}),
    "a signature of zeros": lambda i: f"{i.token().rpartition('.')[0]}.{b64(bytes(64))}",
    "a signature in DER": lambda i: f"{i.token().rpartition('.')[0]}.{b64(b'0' + bytes(70))}",
    "a signature cut short": lambda i: i.token()[:-4],
    "a signature of another token": lambda i: (
        i.token("leader-1").rpartition(".")[0] + "." + i.token().rpartition(".")[2]
    ),
    "a newline at the end": lambda i: i.token() + "\n",
    "padded base64": lambda i: i.token().replace(".", "=."),
    "standard base64": lambda i: i.token() + "+/",
    "a header twice": lambda i: with_header(i.token(), b'{"alg":"none","alg":"ES256"}'),
    "exp infinite": lambda i: with_payload(i.token(), b'{"exp":1e999}'),
    "exp beyond 64 bit": lambda i: i.token(exp=10**30),
    "nbf a text": lambda i: i.token(nbf="now"),
    "iat a list": lambda i: i.token(iat=[0]),
    "subject with a space": lambda i: i.token(sub="coach 1"),
    "subject with a newline": lambda i: i.token(sub="coach-1\n"),
    "subject very long": lambda i: i.token(sub="c" * 65),
    "district a list": lambda i: i.token(district=["riverside"]),
    "audience a part of ours": lambda i: i.token(aud="tan"),
    "audiences of others": lambda i: i.token(aud=["payroll", "tandem "]),
    "deep nesting": lambda i: f"{b64(b'[' * 4_000)}.{b64(b'[' * 1_000)}.x",
}


def test_there_are_many_hostile_tokens() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_token_is_unauthenticated(issuer: LocalIssuer, name: str) -> None:
    fault = await refused(identity_of(issuer), HOSTILE[name](issuer))
    assert (fault.kind, fault.code) == (Kind.UNAUTHENTICATED, "invalid_token")


async def test_evaluation_is_no_purpose(issuer: LocalIssuer) -> None:
    fault = await refused(identity_of(issuer), issuer.token(purpose="evaluation"))
    assert (fault.kind, fault.code) == (Kind.FORBIDDEN, "purpose_refused")


async def test_a_partner_gets_the_scopes_that_both_sides_name(now: Now) -> None:
    partner = LocalIssuer(now=now, partner=True, scopes=frozenset({"roster.read", "survey.write"}))
    token = partner.token("acme", scope="roster.read goals.write")
    assert await identity_of(partner).verify(token) == Principal(
        "riverside", partner="acme", scopes=frozenset({"roster.read"})
    )


async def test_an_issuer_speaks_for_its_own_district_only(now: Now) -> None:
    here = LocalIssuer("riverside", name="https://a.example", now=now)
    there = LocalIssuer("lakeside", name="https://b.example", now=now)
    identity = identity_of(here, there)
    assert (await identity.verify(there.token())).district == "lakeside"
    fault = await refused(identity, here.token(iss=there.name))
    assert fault.kind is Kind.UNAUTHENTICATED


async def test_a_flood_of_unknown_kids_asks_the_issuer_once_a_minute(
    now: Now, issuer: LocalIssuer
) -> None:
    identity = identity_of(issuer)
    await identity.verify(issuer.token())
    assert issuer.fetches == 1
    now.seconds += 61
    flood = [issuer.token(header={"kid": f"k{n}"}) for n in range(50)]
    await asyncio.gather(*(refused(identity, token) for token in flood))
    assert issuer.fetches == 2
    now.seconds += 59
    await refused(identity, issuer.token(header={"kid": "again"}))
    assert issuer.fetches == 2


async def test_a_new_key_is_found_when_it_is_first_used(now: Now, issuer: LocalIssuer) -> None:
    identity = identity_of(issuer)
    await identity.verify(issuer.token())
    now.seconds += 61
    rotated = ECKey.generate_key("P-256", {"kid": "ec-2"})
    issuer.keys.append(dict(rotated.as_dict(private=False)))
    assert (await identity.verify(issuer.token(key=rotated))).person == "coach-1"


async def test_keys_outlive_an_outage_of_the_issuer_by_a_day(now: Now, issuer: LocalIssuer) -> None:
    identity = identity_of(issuer)
    await identity.verify(issuer.token())
    issuer.down = True
    now.seconds += 23 * HOUR
    assert (await identity.verify(issuer.token())).person == "coach-1"
    now.seconds += 2 * HOUR
    fault = await refused(identity, issuer.token())
    assert (fault.kind, fault.code) == (Kind.UNAVAILABLE, "issuer_unavailable")
    issuer.down = False
    now.seconds += 61
    assert (await identity.verify(issuer.token())).person == "coach-1"


async def test_an_issuer_that_is_down_at_the_start_is_asked_again_soon(
    now: Now, issuer: LocalIssuer
) -> None:
    identity = identity_of(issuer)
    issuer.down = True
    assert (await refused(identity, issuer.token())).kind is Kind.UNAVAILABLE
    assert (await refused(identity, issuer.token())).kind is Kind.UNAVAILABLE
    assert issuer.fetches == 1
    issuer.down = False
    now.seconds += 6
    assert (await identity.verify(issuer.token())).person == "coach-1"


async def test_a_withdrawn_key_stops_a_known_token_within_minutes(
    now: Now, issuer: LocalIssuer
) -> None:
    identity = identity_of(issuer)
    token = issuer.token(exp=int(now()) + HOUR)
    await identity.verify(token)
    issuer.keys[:] = [dict(rsa_key(1).as_dict(private=False))]
    now.seconds += 601
    await identity.verify(token)  # old keys answer once more while new ones are fetched
    await asyncio.sleep(0)
    now.seconds += 61
    assert (await refused(identity, token)).kind is Kind.UNAUTHENTICATED


async def test_a_known_token_ends_with_its_time(now: Now, issuer: LocalIssuer) -> None:
    identity = identity_of(issuer)
    token = issuer.token(exp=int(now()) + 10)
    await identity.verify(token)
    now.seconds += 71
    assert (await refused(identity, token)).code == "invalid_token"


async def test_refusals_are_counted_by_reason(issuer: LocalIssuer) -> None:
    metrics = Metrics()
    identity = identity_of(issuer, metrics=metrics)
    await refused(identity, issuer.token(aud="payroll"))
    assert metrics.of(AUTH_REFUSED, "audience")._value.get() == 1


def test_only_sound_public_keys_are_taken_from_a_set() -> None:
    good = dict(rsa_key().as_dict(private=False))
    private = {**dict(ECKey.generate_key("P-256").as_dict(private=True)), "kid": "leaked"}
    listed = [
        good,
        private,
        {**good, "kid": "enc", "use": "enc"},
        {**good, "kid": "hs", "alg": "HS256"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"},
        {"kty": "RSA", "kid": "weak", "n": b64(b"\xc3" * 128), "e": "AQAB"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        {"kty": ["RSA"], "kid": "odd"},
        "text",
    ]
    keys = read_keys(json.dumps({"keys": listed}).encode())
    assert keys.keys() == {"rsa-0", "leaked"}
    assert not keys["leaked"].key.is_private


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"keys":[]}', b'{"keys":{}}', b"x"])
def test_what_is_no_key_set_is_refused(data: bytes) -> None:
    with pytest.raises((Fault, ValueError)):
        read_keys(data)
