"""What a district has from which rosters come by night: an identity system, a OneRoster server and
a volume that its SFTP server writes to. The first two listen on the node, each at a port."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from services.chassis.edge.serving import http_config, listen, serve_until
from services.ctl.local import keys
from tests.support.helm import Object
from tests.support.kube.district import NAMESPACE
from tests.support.kube.inside import ADDRESS
from tests.support.oneroster_http import Served

TOKENS, SIS = 8450, 8451
SECONDS = 60
POD_USER = 65532


class Issuer:
    """Tokens of district `path` for whoever asks, signed by the key of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        district = scope["path"].strip("/")
        token = keys.sign(self._folder, district, "rosters", ("roster.write",))
        answer = json.dumps({"access_token": token, "token_type": "Bearer"}).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


@contextmanager
def listening(app: Any, port: int) -> Iterator[None]:
    """In a thread, for tests that block."""
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    socket = listen(ADDRESS, port)

    async def serve() -> None:
        server = uvicorn.Server(http_config(app, 100, grace_seconds=1))
        ready.set()
        await serve_until(stop, server, socket)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SECONDS)
        assert not thread.is_alive()
        loop.close()


@contextmanager
def night(folder: Path, served: Served) -> Iterator[None]:
    """Both at work; `folder` is that of the development key."""
    served.url = f"http://{ADDRESS}:{SIS}"
    with listening(Issuer(folder), TOKENS), listening(served, SIS):
        yield


def volume(name: str, folder: Path) -> list[Object]:
    """A volume of the node's `folder`, and the district's claim to it."""
    claim = {"namespace": NAMESPACE, "name": name}
    size = {"storage": "1Gi"}
    modes = ["ReadWriteMany"]
    spec = {"capacity": size, "accessModes": modes, "storageClassName": "", "claimRef": claim}
    asked = {"accessModes": modes, "storageClassName": "", "volumeName": name}
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name},
            "spec": {**spec, "hostPath": {"path": str(folder)}},
        },
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": claim,
            "spec": {**asked, "resources": {"requests": size}},
        },
    ]
