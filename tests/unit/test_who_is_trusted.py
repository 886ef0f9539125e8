"""Issuers whose certificates are of an authority of the district's own, or behind its proxy."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx2 import ConnectError

from services.chassis.edge.jwks import from_uri, read_keys
from services.chassis.engine_settings import EngineSettings
from services.chassis.log.token_endpoint import TokenEndpoint
from services.chassis.settings import BadSettings, ChassisSettings, load
from services.ctl.doctor.certificates import certificates
from tests.support.certificates import Authority
from tests.support.doctoring import case, seen, states
from tests.support.tokens import LocalIssuer


class Served:
    """An issuer over TLS whose certificate is of `ca`: its keys, and tokens."""

    def __init__(self, folder: Path) -> None:
        authority = Authority("the district's own")
        self.ca = folder / "ca.crt"
        self.ca.write_bytes(authority.pem)
        cert, key = authority.write(folder, "issuer")
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(cert, key)
        self.keys = b""
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            head = await reader.readuntil(b"\r\n\r\n")
            body = self.keys if head.startswith(b"GET /keys") else b'{"access_token": "one"}'
            size = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            writer.write(size.encode() + body)
            await writer.drain()
        writer.close()


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Served]:
    made = Served(tmp_path)
    made.keys = await LocalIssuer().fetch()
    serving = await asyncio.start_server(made.answer, "127.0.0.1", 0, ssl=made.tls)
    async with serving:
        made.url = f"https://127.0.0.1:{serving.sockets[0].getsockname()[1]}"
        yield made


async def test_keys_are_had_of_who_shows_a_certificate_of_the_authority_that_is_named(
    issuer: Served,
) -> None:
    assert read_keys(await from_uri(f"{issuer.url}/keys", str(issuer.ca))())
    with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        await from_uri(f"{issuer.url}/keys")()


async def test_the_doctor_trusts_of_an_issuer_whom_the_services_trust(
    issuer: Served, tmp_path: Path
) -> None:
    keys = {"issuer": "https://id.example", "audience": "tandem", "jwks_uri": f"{issuer.url}/keys"}
    file = tmp_path / "districts.yaml"
    where = {"time_zone": "America/Los_Angeles", "issuers": [keys]}
    file.write_text(json.dumps({"districts": {"lakewood": where}}))
    trusts = {"ISSUERS_CA_FILE": str(issuer.ca)}
    for told, state in ((trusts, "right"), ({}, "wrong")):
        named = {name.lower(): path for name, path in told.items()}
        settings = load(EngineSettings, environment="test", **named)
        # the certificates end a day from now, which would be wrong
        asked = case(settings=settings, districts_file=str(file), now=a_month_ago)
        found = states(await seen(certificates, asked))
        assert found == [*((name, "right") for name in told), ("issuer 127.0.0.1", state)]


def a_month_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=30)


async def test_tokens_are_asked_for_so_too(issuer: Served) -> None:
    asked = (f"{issuer.url}/token", "goals", lambda: "hush")
    assert await TokenEndpoint(*asked, ca=str(issuer.ca))() == "one"
    with pytest.raises(OSError, match="no token from"):
        await TokenEndpoint(*asked)()


def test_a_file_that_is_none_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "none.crt").write_text("{}")
    for name in ("none.crt", "away.crt"):
        with pytest.raises(BadSettings, match=r"^ISSUERS_CA_FILE: cannot be read \("):
            load(ChassisSettings, environment="test", issuers_ca_file=str(tmp_path / name))


async def test_a_kafka_of_tokens_asks_for_them_with_that_file(issuer: Served) -> None:
    told = {
        "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": "OAUTHBEARER",
        "kafka_sasl_username": "goals",
        "kafka_sasl_password": "hush",
        "kafka_sasl_token_endpoint": f"{issuer.url}/token",
    }
    settings = load(ChassisSettings, environment="test", issuers_ca_file=str(issuer.ca), **told)
    token = settings.kafka_security().token
    assert token is not None
    assert await token() == "one"


@asynccontextmanager
async def a_proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """Its address, and where it was asked to connect to."""
    asked: list[str] = []

    async def copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        asked.append(f"{method} {target}")
        host, _, port = target.partition(":")
        beyond = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(copied(reader, beyond[1]), copied(beyond[0], writer))

    serving = await asyncio.start_server(through, "127.0.0.1", 0)
    async with serving:
        yield f"http://127.0.0.1:{serving.sockets[0].getsockname()[1]}", asked


async def test_issuers_are_asked_by_the_proxy_that_the_environment_names(
    issuer: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = from_uri(f"{issuer.url}/keys", str(issuer.ca))
    async with a_proxy() as (address, asked):
        monkeypatch.setenv("HTTPS_PROXY", address)
        for name in ("NO_PROXY", "no_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert json.loads(await fetch())
        assert asked == [f"CONNECT {issuer.url.removeprefix('https://')}"]
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert json.loads(await fetch())
        assert len(asked) == 1
