"""Who is trusted to sign tokens, as an operator says it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

DEVELOPMENT_ISSUER = "tandem-dev"
DISTRICT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]


class DeclaredIssuer(BaseModel):
    """One trusted issuer of tokens. With the validation context `{"environment":
    "production"}` it is held to what production allows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1)
    audience: str = Field(min_length=1)
    jwks_uri: str = ""
    jwks_file: str = ""
    person_claim: str = "sub"
    typ: Literal["any", "at+jwt"] = "any"  # at+jwt: RFC 9068 tells them from ID tokens
    algorithms: tuple[Algorithm, ...] = ("RS256", "ES256")
    partner: bool = False  # client credentials: `sub` is a partner, `scope` its scopes
    scopes: frozenset[str] = frozenset()  # a partner token never gets more than these
    max_age_seconds: int = Field(default=3600, ge=60, le=366 * 24 * 3600)

    @field_validator("issuer")
    @classmethod
    def _no_development(cls, issuer: str, info: ValidationInfo) -> str:
        if _production(info) and issuer.partition(":")[0] == DEVELOPMENT_ISSUER:
            raise ValueError("the development issuer is refused in production")
        return issuer

    @field_validator("jwks_uri")
    @classmethod
    def _encrypted(cls, uri: str, info: ValidationInfo) -> str:
        if _production(info) and uri and not uri.startswith("https://"):
            raise ValueError("jwks_uri must be https in production")
        return uri

    @field_validator("max_age_seconds")
    @classmethod
    def _an_hour(cls, seconds: int, info: ValidationInfo) -> int:
        if _production(info) and seconds > 3600:
            raise ValueError("max_age_seconds is at most 3600 in production")
        return seconds

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        if bool(self.jwks_uri) == bool(self.jwks_file):
            raise ValueError("each issuer needs exactly one of jwks_uri and jwks_file")
        return self

    @model_validator(mode="after")
    def _scopes_of_partners(self) -> Self:
        if self.partner and not self.scopes:
            raise ValueError("partner: its scopes are missing, so its tokens could do nothing")
        if self.scopes and not self.partner:
            raise ValueError("scopes are for partners' programs: say partner: true")
        return self


class Issuer(DeclaredIssuer):
    """... and the one district it speaks for."""

    district: str = Field(pattern=DISTRICT_PATTERN)


def _production(info: ValidationInfo) -> bool:
    return info.context is not None and info.context.get("environment") == "production"
