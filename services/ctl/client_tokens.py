"""Tokens for commands that run by themselves: by client credentials, and anew before they end."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from services.ctl.exits import Exit, Stop
from services.ctl.target import check_token

if TYPE_CHECKING:
    from services.chassis.log.token_endpoint import TokenEndpoint

Tokens = Callable[[], Awaitable[str]]
"""Gives one that is good now. May raise Stop."""

TokenUrl = Annotated[
    str,
    typer.Option(
        envvar="TANDEM_TOKEN_URL",
        help="Where tokens are to be had by client credentials, instead of --token.",
        show_default=False,
    ),
]
ClientId = Annotated[
    str, typer.Option(envvar="TANDEM_CLIENT_ID", help="The client.", show_default=False)
]
ClientSecretFile = Annotated[
    str,
    typer.Option(
        envvar="TANDEM_CLIENT_SECRET_FILE",
        help="The file that holds its secret.",
        show_default=False,
    ),
]
CaFile = Annotated[
    str,
    typer.Option(
        envvar="ISSUERS_CA_FILE",
        help="PEM file of authorities that the endpoint's certificate may come from, besides the"
        " system's.",
        show_default=False,
    ),
]
SCOPE = "imports.read imports.write"


def always(token: str) -> Tokens:
    async def same() -> str:
        return token

    return same


@dataclass
class Client:
    """Of a district's issuer of tokens for programs."""

    district: str
    url: str
    id: str
    secret_file: str
    ca: str = ""
    _endpoint: TokenEndpoint | None = field(default=None, init=False)

    async def __call__(self) -> str:
        """Raises Stop UNREACHABLE where the endpoint is away, REFUSED where it refuses."""
        from services.chassis.log.security import TokenRefused, from_file
        from services.chassis.log.token_endpoint import TokenEndpoint

        if self._endpoint is None:
            secret = from_file(self.secret_file)
            self._endpoint = TokenEndpoint(self.url, self.id, secret, SCOPE, ca=self.ca)
        try:
            token = await self._endpoint()
        except TokenRefused as error:
            raise Stop(Exit.REFUSED, str(error)) from None
        except OSError as error:
            raise Stop(Exit.UNREACHABLE, str(error)) from None
        check_token(self.district, token)
        return token


def client_of(
    district: str, token: str, url: str, id: str, secret_file: str, ca: str
) -> Client | None:
    """None where tokens are not to be asked for. Raises Stop USAGE where it is not all there."""
    if not url:
        return None
    if token:
        raise Stop(Exit.USAGE, "either --token or --token-url")
    if os.environ.get("ENVIRONMENT") == "production" and not url.startswith("https://"):
        raise Stop(Exit.USAGE, "--token-url: it must be https in production")
    if not id or not secret_file:
        raise Stop(Exit.USAGE, "--token-url needs --client-id and --client-secret-file")
    return Client(district, url, id, secret_file, ca)
