"""Tokens that nobody may get in with."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.support.tokens import LocalIssuer, rsa_key


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


def with_an_rsa_key(issuer: LocalIssuer) -> LocalIssuer:
    """The issuer publishes a second key, of another type than its first."""
    issuer.keys.append(dict(rsa_key().as_dict(private=False)))
    return issuer


# An algorithm that takes a public key for its secret: everybody knows that secret. Which bytes
# of the key a library takes is anybody's guess.
DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
FORMS: dict[str, Callable[[ECKey | RSAKey], bytes]] = {
    "PEM": lambda key: key.as_pem(private=False),
    "PEM without its last newline": lambda key: key.as_pem(private=False).rstrip(),
    "DER": lambda key: key.as_der(private=False),
}


def as_secret(algorithm: str, kind: str, form: str, issuer: LocalIssuer) -> str:
    """A good token but for its signature: made with a public key of `with_an_rsa_key`."""
    key = rsa_key() if kind == "RSA" else issuer.key
    assert isinstance(key, ECKey | RSAKey)
    good = issuer.token(key=key)
    head = b64({"alg": algorithm, "kid": key.kid, "typ": "JWT"})
    signed = f"{head}.{good.split('.')[1]}"
    secret = FORMS[form](key)
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), DIGESTS[algorithm]))}"


Hostile = Callable[[LocalIssuer], str]
# Every claim as something that it is not: values that none has. Signed by the issuer itself.
WRONG: Mapping[str, Any] = {
    "true": True,
    "a list": [["x"]],
    "an object": {"$gt": ""},
    "empty": "",
    "a text with NUL": "x\0",
    "a number": -7,
    "a fraction": 0.5,
    "a path": "../../district",
}
CLAIMS = ("iss", "aud", "sub", "exp", "nbf", "iat", "district")
_FITS = {
    ("sub", "a path"),
    *((each, n) for each in ("nbf", "iat") for n in ("a number", "a fraction")),
}


def with_claim(name: str, value: Any, issuer: LocalIssuer) -> str:
    return issuer.token(**{name: value})


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
    **{
        f"{name} with the {kind} key's {form}": partial(as_secret, name, kind, form)
        for name in DIGESTS
        for kind in ("EC", "RSA")
        for form in FORMS
    },
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
    "an ID token of Keycloak": lambda i: i.token(typ="ID"),
    "an ID token by its hash": lambda i: i.token(at_hash="77QmUPtjPfzWtF2AnpK9RQ"),
    "an ID token by its code": lambda i: i.token(c_hash="LDktKdoQak3Pk0cnXxCltA"),
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
    "subject very long": lambda i: i.token(sub="c" * 256),
    "district a list": lambda i: i.token(district=["riverside"]),
    "audience a part of ours": lambda i: i.token(aud="tan"),
    "audiences of others": lambda i: i.token(aud=["payroll", "tandem "]),
    "deep nesting": lambda i: f"{b64(b'[' * 4_000)}.{b64(b'[' * 1_000)}.x",
    "a token within a token": lambda i: with_payload(i.token(), i.token().encode()),
    "a token as its claim": lambda i: forged(i.token(), sub=i.token()),
    "kid a network place": lambda i: i.token(header={"kid": "https://evil.example/ec-1"}),
    "kid a device": lambda i: i.token(header={"kid": "/dev/null"}),
    "kid a path encoded": lambda i: i.token(header={"kid": "..%2f..%2fec-1"}),
    "kid a number": lambda i: forged(i.token(), {"kid": 1}),
    "header a list": lambda i: with_header(i.token(), b'["ES256"]'),
    **{
        f"{claim} {name}": partial(with_claim, claim, value)
        for claim in CLAIMS
        for name, value in WRONG.items()
        if (claim, name) not in _FITS
    },
}
