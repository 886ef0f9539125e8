"""Which services, engines and identities a command works with.

Options and the environment win; else the local stack that runs in this folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from services.assembly.registry import SERVICES
from services.ctl.exits import Exit, Stop
from services.ctl.local.stack import DISTRICT, Stack, load_stack, local_folder

NONE_RUNNING = "no local stack runs here"
START_ONE = "start one with `tandem up`, or name its folder in TANDEM_LOCAL"
URL, TOKEN = "--url (TANDEM_URL)", "--token (TANDEM_TOKEN)"


def read_token(said: str) -> str:
    """The token, or what the file holds that `@FILE` names. Raises Stop USAGE."""
    if not said.startswith("@"):
        return said
    try:
        return Path(said[1:]).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise Stop(Exit.USAGE, f"no token can be read from {said[1:]}: {why}") from None


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
        help="Bearer token, or @FILE that holds it. Default: one of the local stack's demo"
        " identities.",
        show_default=False,
        callback=read_token,
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

    def districts(self) -> tuple[str, ...]:
        from services.ctl.local.districts import days_of

        return tuple(days_of(self.folder).districts.by_name)

    def check_district(self, district: str) -> None:
        """Raises Stop NOT_FOUND where the stack has no such district."""
        if district not in (known := self.districts()):
            there = ", ".join(known)
            raise Stop(Exit.NOT_FOUND, f"there is no district {district}; there are {there}")

    def person(self, role: str) -> str:
        """The demo identity for `coach`, `teacher` or `admin`."""
        return self.stack.people[role]

    def token(self, person: str, district: str = DISTRICT) -> str:
        from services.ctl.local.keys import sign

        return sign(self.keys, district, person)

    def partner_token(self, *scopes: str, district: str = DISTRICT) -> str:
        """Of the command line itself, as a partner of the district. Raises Stop NOT_FOUND."""
        from services.ctl.local.keys import sign

        self.check_district(district)
        return sign(self.keys, district, "tandem-cli", scopes)

    def partner_tokens(self, *scopes: str) -> list[str]:
        """As `partner_token`, one for each district."""
        return [self.partner_token(*scopes, district=each) for each in self.districts()]


def local(instead: str = "") -> Local:
    """Raises Stop NOT_FOUND where no local stack runs; `instead` names the options that the
    command can do with, too."""
    folder = local_folder()
    stack = load_stack(folder)
    if stack is None:
        hint = f"{START_ONE}; or give {instead}" if instead else START_ONE
        raise Stop(Exit.NOT_FOUND, f"{NONE_RUNNING}: {hint}")
    return Local(folder, stack)


def token_for(district: str, token: str, *scopes: str) -> str:
    """The token given, else one of the command line itself as a partner of the district. Raises
    Stop USAGE where the token says that it is for another one; where it says none, the services
    know, and are told which is meant (`ApiClient.send`)."""
    if not token:
        return local(TOKEN).partner_token(*scopes, district=district)
    check_token(district, token)
    return token


def check_token(district: str, token: str) -> None:
    """Raises Stop USAGE where the token says that it is for another district."""
    from services.ctl.local.keys import district_of

    said = district_of(token)
    if said and said != district:
        raise Stop(Exit.USAGE, f"the token is for the district {said}, and --district {district}")


def addresses(url: str) -> dict[str, str]:
    """Service -> base URL. Raises Stop USAGE for what can be none."""
    if url:
        if not url.startswith(("http://", "https://")):
            raise Stop(Exit.USAGE, "--url begins with http:// or https://")
        last = url.rstrip("/").rpartition("/")[2]
        if last == "v1" or last in SERVICES:
            raise Stop(Exit.USAGE, "--url is the address before /SERVICE/v1, which is added to it")
        return dict.fromkeys(SERVICES, url.rstrip("/"))
    return addresses_of(local(URL).stack)


def addresses_of(stack: Stack) -> dict[str, str]:
    return {service: stack.rest(service) for service in SERVICES}
