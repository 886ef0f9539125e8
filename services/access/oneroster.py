"""The server from which a district's roster is pulled: a part of the districts file."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

SCOPES = {
    "1.2": "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly",
    "1.1": "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",
}


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
        raise ValueError("an address such as https://sis.example.org/ims/oneroster/v1p1")
    if parts.query or parts.fragment:
        raise ValueError("an address without ? and #")
    return url.rstrip("/")


_Address = Annotated[str, AfterValidator(_address), Field(max_length=500)]
_Scope = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,200}$")]


class OneRosterServer(BaseModel):
    """A OneRoster REST service of version 1.2 or 1.1 with OAuth 2 client credentials. `url`: what
    stands before `/users`. Without `scopes` that of the version for reading rosters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: _Address
    token_url: _Address
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    client_secret_file: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    version: Literal["1.2", "1.1"] = "1.2"
    scopes: Annotated[tuple[_Scope, ...], Field(max_length=20)] = ()

    @field_validator("url", "token_url")
    @classmethod
    def _encrypted(cls, url: str, info: ValidationInfo) -> str:
        production = (info.context or {}).get("environment") == "production"
        if production and not url.startswith("https://"):
            raise ValueError("it must be https in production")
        return url

    @property
    def scope(self) -> str:
        """That is asked for, as OAuth has it."""
        return " ".join(self.scopes or (SCOPES[self.version],))
