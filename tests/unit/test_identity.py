from __future__ import annotations

import asyncio
import json

import pytest
from joserfc.jwk import ECKey

from services.access.policy import widened
from services.chassis.call import Principal
from services.chassis.edge.identity import LEEWAY, Identity
from services.chassis.edge.jwks import read_keys
from services.chassis.kernel import Fault, Kind
from services.chassis.metrics import AUTH_REFUSED, Metrics
from tests.support.hostile_tokens import HOSTILE, HOUR, b64, with_an_rsa_key
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


@pytest.fixture
def two_keys(now: Now) -> LocalIssuer:
    return with_an_rsa_key(LocalIssuer(now=now))


async def refused(identity: Identity, token: str) -> Fault:
    with pytest.raises(Fault) as caught:
        await identity.verify(token)
    return caught.value


async def test_a_good_token_is_a_person_of_the_issuers_district(issuer: LocalIssuer) -> None:
    identity = identity_of(issuer)
    token = issuer.token("coach-1", exp=issuer.now() + 900)
    principal = await identity.verify(token)
    assert principal == Principal("riverside", "coach-1")
    assert principal.ends_at == issuer.now() + 900 + LEEWAY


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "EdDSA"])
async def test_the_other_algorithms(now: Now, algorithm: str) -> None:
    issuer = LocalIssuer(key=okp_key() if algorithm == "EdDSA" else rsa_key(), now=now)
    token = issuer.token(header={"alg": algorithm})
    assert (await identity_of(issuer).verify(token)).person == "coach-1"


def test_there_are_many_hostile_tokens() -> None:
    assert len(HOSTILE) >= 150


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_token_is_unauthenticated(two_keys: LocalIssuer, name: str) -> None:
    fault = await refused(identity_of(two_keys), HOSTILE[name](two_keys))
    assert (fault.kind, fault.code) == (Kind.UNAUTHENTICATED, "invalid_token")


async def test_a_refusal_says_what_the_token_lacks(issuer: LocalIssuer, now: Now) -> None:
    identity = identity_of(issuer)
    long = await refused(identity, issuer.token(exp=int(now()) + 40 * 24 * 3600))
    assert long.detail == "The token is refused: exp (it lives longer than 3600 s)."
    unknown = await refused(identity, issuer.token(iss="https://elsewhere.example"))
    assert unknown.detail == "The token is refused: issuer (no district trusts the claim iss)."


async def test_whoever_comes_for_another_purpose_is_one_who_does(issuer: LocalIssuer) -> None:
    identity = identity_of(issuer)
    assert (await identity.verify(issuer.token(purpose="coaching"))).purpose == ""
    assert (await identity.verify(issuer.token())).purpose == ""
    assert (await identity.verify(issuer.token(purpose="evaluation"))).purpose == "evaluation"
    for none in ("", "to rate her", 7, ["coaching"], "x" * 41):
        fault = await refused(identity, issuer.token(purpose=none))
        assert (fault.kind, fault.code) == (Kind.FORBIDDEN, "purpose_refused")


async def test_a_partner_gets_the_scopes_that_both_sides_name(now: Now) -> None:
    partner = LocalIssuer(now=now, partner=True, scopes=frozenset({"roster.read", "survey.write"}))
    token = partner.token("acme", scope="roster.read goals.write")
    assert await identity_of(partner).verify(token) == Principal(
        "riverside", partner="acme", scopes=frozenset({"roster.read"})
    )


@pytest.mark.parametrize(
    ("trusted", "claimed"),
    [("roster.read", "orgs.read"), ("orgs.read", "roster.read goals.read")],
)
async def test_a_scope_that_stands_for_several_meets_each_of_them(
    now: Now, trusted: str, claimed: str
) -> None:
    partner = LocalIssuer(now=now, partner=True, scopes=frozenset({trusted}))
    identity = identity_of(partner, widened=widened)
    got = await identity.verify(partner.token("acme", scope=claimed))
    assert got.scopes == {"orgs.read"}


async def test_a_person_may_be_named_by_another_claim_and_sub_be_missing(now: Now) -> None:
    issuer = LocalIssuer(now=now, person_claim="roster_id")
    identity = identity_of(issuer)
    token = issuer.token(sub=None, roster_id="coach-7")
    assert await identity.verify(token) == Principal("riverside", "coach-7")
    await refused(identity, issuer.token("coach-7"))  # sub is not the claim


@pytest.mark.parametrize("verified", [None, False, "true", 1])
async def test_an_address_that_was_not_verified_is_nobody(now: Now, verified: object) -> None:
    issuer = LocalIssuer(now=now, person_claim="email")
    identity, address = identity_of(issuer), "ana@schools.example"
    await refused(identity, issuer.token(email=address, email_verified=verified))
    token = issuer.token(email=address, email_verified=True)
    assert (await identity.verify(token)).person == address


async def test_an_issuer_of_access_tokens_by_type_signs_nobody_in_with_another(now: Now) -> None:
    issuer = LocalIssuer(now=now, typ="at+jwt")
    identity = identity_of(issuer)
    for kind in ("at+jwt", "application/at+jwt"):
        assert await identity.verify(issuer.token(header={"typ": kind}))
    for other in ("JWT", None, "at+jwt "):
        await refused(identity, issuer.token(header={"typ": other}))


async def test_an_issuer_speaks_for_its_own_district_only(now: Now) -> None:
    here = LocalIssuer("riverside", name="https://a.example", now=now)
    there = LocalIssuer("lakeside", name="https://b.example", now=now)
    identity = identity_of(here, there)
    assert (await identity.verify(there.token())).district == "lakeside"
    fault = await refused(identity, here.token(iss=there.name))
    assert fault.kind is Kind.UNAUTHENTICATED


@pytest.mark.parametrize("down", [False, True])
async def test_a_flood_of_unknown_kids_asks_the_issuer_once_a_minute(
    now: Now, issuer: LocalIssuer, down: bool
) -> None:
    identity = identity_of(issuer)
    await identity.verify(issuer.token())
    assert issuer.fetches == 1
    issuer.down = down  # the keys that are at hand still answer
    now.seconds += 61
    flood = [issuer.token(header={"kid": f"k{n}"}) for n in range(50)]
    await asyncio.gather(*(refused(identity, token) for token in flood))
    assert issuer.fetches == 2
    now.seconds += 59
    await asyncio.gather(*(refused(identity, token) for token in flood))
    fault = await refused(identity, issuer.token(header={"kid": "again"}))
    assert (fault.kind, issuer.fetches) == (Kind.UNAUTHENTICATED, 2)
    assert (await identity.verify(issuer.token())).person == "coach-1"
    now.seconds += 2
    await asyncio.gather(*(refused(identity, token) for token in flood))
    assert issuer.fetches == 3


async def test_a_clock_that_is_put_back_keeps_no_withdrawn_key(
    issuer: LocalIssuer, now: Now
) -> None:
    identity = identity_of(issuer)
    old = issuer.token(exp=now() + 600)
    await identity.verify(old)
    now.seconds -= 3_600
    issuer.key = ECKey.generate_key("P-256", {"kid": "ec-2"})
    issuer.keys = [dict(issuer.key.as_dict(private=False))]
    assert (await identity.verify(issuer.token())).person == "coach-1"
    assert (await refused(identity, old)).code == "invalid_token"


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
