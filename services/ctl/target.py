"""Which services, engines and identities a command works with.

Options and the environment win; else the local stack that runs in this folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from services.ctl.exits import Code, Stop
from services.ctl.local.stack import DISTRICT, SERVICES, Stack, load_stack, local_folder

NONE_RUNNING = (
    "no local stack runs here: start one with `tandem up`, or name its folder in TANDEM_LOCAL"
)

Url = Annotated[
    str,
    typer.Option(
        envvar="TANDEM_URL",
        help="Base address of all services, such as a gateway's. Default: the local stack.",
        show_default=False,
    ),
]
Token = Annotated[
    str,
    typer.Option(
        envvar="TANDEM_TOKEN",
        help="Bearer token. Default: one of the local stack's demo identities.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


@dataclass(frozen=True, slots=True)
class Local:
    """The local stack and the folder it lives in."""

    folder: Path
    stack: Stack

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def person(self, role: str) -> str:
        """The demo identity for `coach`, `teacher` or `admin`."""
        return self.stack.people[role]

    def token(self, person: str, district: str = DISTRICT) -> str:
        from services.ctl.local.keys import sign

        return sign(self.keys, district, person)

    def partner_token(self, *scopes: str, district: str = DISTRICT) -> str:
        """Of the command line itself, as a partner of the district."""
        from services.ctl.local.keys import sign

        return sign(self.keys, district, "tandem-cli", scopes)


def local() -> Local:
    """Raises Stop NOT_FOUND where no local stack runs."""
    folder = local_folder()
    stack = load_stack(folder)
    if stack is None:
        raise Stop(Code.NOT_FOUND, NONE_RUNNING)
    return Local(folder, stack)


def token_for(district: str, token: str, *scopes: str) -> str:
    """The token given, else one of the command line itself as a partner of the district. Raises
    Stop USAGE where the token says that it is for another one; where it says none, the services
    know, and are told which is meant (`Api.send`)."""
    if not token:
        return local().partner_token(*scopes, district=district)
    from services.ctl.local.keys import district_of

    said = district_of(token)
    if said and said != district:
        raise Stop(Code.USAGE, f"the token is for the district {said}, and --district {district}")
    return token


def addresses(url: str) -> dict[str, str]:
    """Service -> base URL."""
    if url:
        return dict.fromkeys(SERVICES, url.rstrip("/"))
    return addresses_of(local().stack)


def addresses_of(stack: Stack) -> dict[str, str]:
    return {service: stack.rest(service) for service in SERVICES}
