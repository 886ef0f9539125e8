"""The keys by which a district and its teachers' representatives sign its data-use policy: the
public halves, which the districts file names. The private ones never come here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from services.chassis.base64url import decode, encode

DISTRICT_KEY = ""  # in place of a representative's name
POLICY_ROW = "data-use-policy"  # in the access view, in place of a person: what is in force
KEY_BYTES = 32


def _key(text: str) -> str:
    try:
        raw = decode(text)
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES or encode(raw) != text:  # else one key had several texts
        raise ValueError("a public key of Ed25519: 32 bytes as base64 for URLs, without padding")
    return text


_Key = Annotated[str, StringConstraints(max_length=64), AfterValidator(_key)]


class Representative(BaseModel):
    """Somebody who signs for the teachers, such as their union."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    key: _Key


class PrivacyKeys(BaseModel):
    """Who may sign the district's data-use policy; nobody, unless it is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    district: Annotated[tuple[_Key, ...], Field(max_length=10)] = ()
    representatives: Annotated[tuple[Representative, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _once(self) -> PrivacyKeys:
        names = {each.name for each in self.representatives}
        keys = {*self.district, *(each.key for each in self.representatives)}
        if len(names) < len(self.representatives):
            raise ValueError("each representative is named once")
        if len(keys) < len(self.district) + len(self.representatives):
            raise ValueError("each key is named once: nobody signs for two")
        return self

    @property
    def by_key(self) -> Mapping[str, str]:
        """Whose each key is: a representative's name, or DISTRICT_KEY."""
        found = dict.fromkeys(self.district, DISTRICT_KEY)
        return {**found, **{each.key: each.name for each in self.representatives}}
