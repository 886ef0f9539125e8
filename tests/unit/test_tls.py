"""A context follows its files: whom it trusts and what it shows are what they hold now."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from services.chassis.tls import RenewedContext, TlsFiles
from tests.support.certificates import Authority, replace


@asynccontextmanager
async def server(folder: Path, authority: Authority, asks: bytes = b"") -> AsyncIterator[int]:
    """A port that speaks TLS with a certificate of `authority`, and tells each client the common
    name of what it has shown; `asks`: the authority of clients, who then must show one."""
    cert, key = authority.write(folder, "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=asks.decode())

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert") or {"subject": [[("commonName", "nobody")]]}
        writer.write(shown["subject"][0][0][1].encode())
        writer.close()

    serving = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with serving:
        yield serving.sockets[0].getsockname()[1]


async def met(port: int, context: ssl.SSLContext) -> str:
    """What the server says. Raises ssl.SSLError where one of the two refuses the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()


def files(folder: Path) -> TlsFiles:
    return TlsFiles(str(folder / "ca.crt"), str(folder / "client.crt"), str(folder / "client.key"))


async def test_an_authority_that_was_replaced_is_trusted_no_longer(tmp_path: Path) -> None:
    old, new = Authority("old"), Authority("new")
    replace(tmp_path / "ca.crt", old.pem)
    context = RenewedContext(TlsFiles(ca=str(tmp_path / "ca.crt")))
    async with server(tmp_path, old) as port:
        assert await met(port, context) == "nobody"
        replace(tmp_path / "ca.crt", new.pem)
        with pytest.raises(ssl.SSLCertVerificationError):
            await met(port, context)
    async with server(tmp_path, new) as port:
        assert await met(port, context) == "nobody"


async def test_a_client_certificate_that_was_replaced_is_shown(tmp_path: Path) -> None:
    ours, clients = Authority("ours"), Authority("clients")
    replace(tmp_path / "ca.crt", ours.pem)
    cert, key = clients.write(tmp_path, "client")
    context = RenewedContext(files(tmp_path))
    async with server(tmp_path, ours, asks=clients.pem) as port:
        assert await met(port, context) == "client"
        renewed = clients.issue("client of May")
        replace(cert, renewed[0])
        assert await met(port, context) == "client"  # the pair is half replaced: the old one
        replace(key, renewed[1])
        assert await met(port, context) == "client of May"


async def test_files_that_are_gone_leave_what_they_last_held(tmp_path: Path) -> None:
    ours = Authority("ours")
    replace(tmp_path / "ca.crt", ours.pem)
    context = RenewedContext(TlsFiles(ca=str(tmp_path / "ca.crt")))
    (tmp_path / "ca.crt").unlink()
    async with server(tmp_path, ours) as port:
        assert await met(port, context) == "nobody"


async def test_blocking_sockets_follow_the_files_too(tmp_path: Path) -> None:
    """The driver of MongoDB connects with those, and hands in a session of an earlier one."""
    old, new = Authority("old"), Authority("new")
    replace(tmp_path / "ca.crt", old.pem)
    context = RenewedContext(TlsFiles(ca=str(tmp_path / "ca.crt")))

    def connect(port: int) -> None:
        plain = socket.create_connection(("127.0.0.1", port))
        with plain, context.wrap_socket(plain, server_hostname="127.0.0.1", session=None):
            pass

    async with server(tmp_path, old) as port:
        await asyncio.to_thread(connect, port)
        replace(tmp_path / "ca.crt", new.pem)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(connect, port)


def test_the_loop_of_the_services_takes_such_a_context(tmp_path: Path) -> None:
    async def connect() -> str:
        ours = Authority("ours")
        replace(tmp_path / "ca.crt", ours.pem)
        async with server(tmp_path, ours) as port:
            return await met(port, RenewedContext(TlsFiles(ca=str(tmp_path / "ca.crt"))))

    assert uvloop.run(connect()) == "nobody"


async def test_another_host_than_the_certificate_names_is_refused(tmp_path: Path) -> None:
    ours = Authority("ours")
    replace(tmp_path / "ca.crt", ours.pem)
    context = RenewedContext(TlsFiles(ca=str(tmp_path / "ca.crt")))
    async with server(tmp_path, ours) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match=r"[Hh]ostname|IP address"):
            await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="kafka.example"
            )
