"""An issuer for development: the demo's people sign in by OpenID Connect, as they do with their
district's identity provider, and partners' programs get tokens by client credentials, so that a
frontend or a program is written once.

Discovery, a key set, the authorization code flow with PKCE (RFC 6749, RFC 7636), for pages of
this machine alone, and the client credentials grant. Nobody is asked for a password or a secret:
whoever is here may be anybody of the demo. A production process has none of this, and refuses what
it signs.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from services.access.policy import SCOPES
from services.chassis import base64url
from services.chassis.edge.http_problem import problem
from services.ctl.gateway.guard import host_of, is_ours
from services.ctl.local.keys import ALGORITHM, KEY_SET, sign, sign_id
from services.ctl.local.stack import DISTRICT
from services.ctl.target import Local

LIFETIME_SECONDS = 3600
CODE_SECONDS = 60.0
MOST_CODES = 100  # that nobody has redeemed: the oldest gives way
MOST_BYTES = 10_000  # of a form
LONGEST = 500  # of a value that is sent back
_CLIENT = re.compile(r"[A-Za-z0-9._-]{1,64}")
ROLES = {"coach": "Coach", "teacher": "Teacher", "admin": "Administrator"}


@dataclass(frozen=True, slots=True)
class _Code:
    """What a code is good for, once and `until` then."""

    until: float
    client: str
    redirect: str
    challenge: str
    nonce: str
    person: str


class SignIn:
    """Who signs in is `here`'s. `monotonic` counts seconds."""

    def __init__(self, here: Local, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._here = here
        self._monotonic = monotonic
        self._codes: OrderedDict[str, _Code] = OrderedDict()

    @property
    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/login/.well-known/openid-configuration", self._discovery),
            Route("/login/keys", self._keys),
            Route("/login/authorize", self._authorize),
            Route("/login/token", self._token, methods=["POST"]),
        ]

    async def _discovery(self, request: Request) -> Response:
        issuer = _issuer(request)
        return _open(
            request,
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "scopes_supported": ["openid", *sorted(SCOPES)],
                "authorization_response_iss_parameter_supported": True,
            },
        )

    async def _keys(self, request: Request) -> Response:
        return _open(request, json.loads((self._here.keys / KEY_SET).read_text()))

    async def _authorize(self, request: Request) -> Response:
        """Leads back with a code, for whom `login_hint` names: a role of the demo, or anybody by
        her id in the roster. Without one it asks."""
        asked = request.query_params
        client, redirect = asked.get("client_id", ""), asked.get("redirect_uri", "")
        if not 0 < len(client) <= LONGEST or not _leads_here(redirect):
            told = "client_id is missing, or redirect_uri is no page of this machine."
            return problem(request, 400, "invalid_redirect", "Nobody can be led back", told)
        if wrong := _wrong(asked):
            return self._back(request, redirect, {"error": wrong})
        people = self._here.stack.people if DISTRICT in self._here.districts() else {}
        hint = asked.get("login_hint", "")
        if not hint:
            return _choice(request, [role for role in ROLES if role in people])
        code = secrets.token_urlsafe(32)
        while len(self._codes) >= MOST_CODES:
            self._codes.popitem(last=False)
        self._codes[code] = _Code(
            until=self._monotonic() + CODE_SECONDS,
            client=client,
            redirect=redirect,
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce", ""),
            person=people.get(hint, hint),
        )
        return self._back(request, redirect, {"code": code})

    def _back(self, request: Request, redirect: str, told: Mapping[str, str]) -> Response:
        state = request.query_params.get("state")
        more = {"state": state} if state is not None else {}
        query = urlencode({**told, **more, "iss": _issuer(request)})
        joined = "&" if urlsplit(redirect).query else "?"
        return RedirectResponse(f"{redirect}{joined}{query}", 303)

    async def _token(self, request: Request) -> Response:
        asked = await _form(request)
        if asked.get("grant_type") == "client_credentials":
            return self._for_program(request, asked)
        if asked.get("grant_type") != "authorization_code":
            return _refused(request, "unsupported_grant_type")
        code = self._codes.pop(asked.get("code", ""), None)  # a second try finds none
        if code is None or not self._redeems(code, asked):
            return _refused(request, "invalid_grant")
        signed = {
            "access_token": sign(self._here.keys, DISTRICT, code.person, seconds=LIFETIME_SECONDS),
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "scope": "openid",
            "id_token": sign_id(
                self._here.keys,
                {"iss": _issuer(request), "aud": code.client, "sub": code.person}
                | ({"nonce": code.nonce} if code.nonce else {}),
                LIFETIME_SECONDS,
            ),
        }
        return _open(request, signed, {"Cache-Control": "no-store"})

    def _for_program(self, request: Request, asked: Mapping[str, str]) -> Response:
        """A partner's token of the scopes that are asked for, which may be any; its name is the
        client's id, and any secret is the right one."""
        client, scopes = asked.get("client_id", ""), tuple(asked.get("scope", "").split())
        if not _CLIENT.fullmatch(client):
            return _refused(request, "invalid_client")
        if not scopes or not SCOPES.issuperset(scopes):
            return _refused(request, "invalid_scope")
        token = sign(self._here.keys, DISTRICT, client, scopes, LIFETIME_SECONDS)
        signed = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "scope": " ".join(scopes),
        }
        return _open(request, signed, {"Cache-Control": "no-store"})

    def _redeems(self, code: _Code, asked: Mapping[str, str]) -> bool:
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        return (
            self._monotonic() < code.until
            and asked.get("client_id") == code.client
            and asked.get("redirect_uri") == code.redirect
            and hmac.compare_digest(base64url.encode(digest), code.challenge)
        )


def _issuer(request: Request) -> str:
    """Under the name by which this machine was asked, which the guard has let through."""
    return f"{request.url.scheme}://{request.url.netloc}/login"


def _leads_here(redirect: str) -> bool:
    if len(redirect) > LONGEST or not redirect.isascii() or not redirect.isprintable():
        return False
    try:
        parts = urlsplit(redirect)
    except ValueError:
        return False
    plain = parts.scheme == "http" and not parts.fragment and "\\" not in redirect
    return plain and parts.username is None and is_ours(parts.netloc)


def _wrong(asked: Mapping[str, str]) -> str:
    """The code of RFC 6749 for a request that cannot be answered; empty for a good one."""
    if any(len(asked.get(each, "")) > LONGEST for each in ("state", "nonce", "login_hint")):
        return "invalid_request"
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    challenge = asked.get("code_challenge", "")
    if asked.get("code_challenge_method") != "S256" or len(challenge) != 43:
        return "invalid_request"
    if not challenge.isascii():
        return "invalid_request"
    return "login_required" if "none" in asked.get("prompt", "").split() else ""


def _choice(request: Request, roles: Sequence[str]) -> Response:
    """A page that asks who one is."""
    asked = [each for each in request.query_params.multi_items() if each[0] != "login_hint"]
    links = [
        f'<li><a href="?{html.escape(urlencode([*asked, ("login_hint", role)]))}">'
        f"{ROLES[role]}</a></li>"
        for role in roles
    ]
    return HTMLResponse(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<title>Sign in</title>\n<link rel="stylesheet" href="/pages/page.css">\n</head>\n<body>\n'
        f"<main>\n<h1>Sign in as</h1>\n<ul>{''.join(links)}</ul>\n</main>\n</body>\n</html>\n"
    )


async def _form(request: Request) -> Mapping[str, str]:
    """Empty where it is too long or none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return {}
    return dict(parse_qsl(body.decode("ascii", "replace")))


def _open(
    request: Request, told: object, headers: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """To be read by pages at other ports of this machine, too: what a frontend is developed on."""
    origin = request.headers.get("origin", "")
    sent = {"Vary": "Origin", **(headers or {})}
    if is_ours(host_of(origin)):
        sent["Access-Control-Allow-Origin"] = origin
    return JSONResponse(told, status, sent)


def _refused(request: Request, error: str) -> Response:
    return _open(request, {"error": error}, {"Cache-Control": "no-store"}, 400)
