"""The command line's client, to the services in this process."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from services.ctl.client import ApiClient
from tests.support.platform import Platform


def inside(platform: Platform) -> ApiClient:
    """A client of the services of a platform."""
    transports = {
        name: httpx2.ASGITransport(app=each.app) for name, each in platform.services.items()
    }

    class Inside(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            return await transports[request.url.host].handle_async_request(request)

    return ApiClient({name: f"http://{name}" for name in platform.services}, Inside())


class Door:
    """What the command line opens leads inside."""

    def __init__(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        def made(addresses: Any) -> ApiClient:
            return inside(platform)

        monkeypatch.setattr("services.ctl.client.ApiClient", made)
        self.addresses = {name: f"http://{name}" for name in platform.services}
