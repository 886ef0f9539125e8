"""What every service is told by its environment.

Order: environment variables, then files in the directory that SECRETS_DIR names (one file
per setting). A service subclasses `ChassisSettings` and calls `load`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import NoDecode, SettingsError

from services.chassis.engine_settings import EngineSettings, comma_separated

S = TypeVar("S", bound=EngineSettings)

Port = Annotated[int, Field(ge=0, le=65535)]  # 0: any free port


_ORIGIN = re.compile(r"https?://[^\s/?#@*]+")


class BadSettings(Exception):
    """One line that names each wrong setting and what is wrong with it, never its value."""


class ChassisSettings(EngineSettings):
    """Names in upper case are the environment variables."""

    roles: Annotated[tuple[str, ...], NoDecode] = ()  # empty: all roles of the service
    host: str = "0.0.0.0"  # noqa: S104 - a container listens on its own address
    rest_port: Port = 8080
    grpc_port: Port = 9090
    internal_port: Port = 8081
    internal_host: str = ""  # empty: as host
    mongodb_database: str = ""  # empty: the service's own
    districts_file: str = ""  # empty: no district is listed
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    trace_ratio: float = Field(default=0.01, ge=0, le=1)
    otlp_endpoint: str = ""  # empty: no spans are exported
    grpc_reflection: bool = False
    leave_seconds: float = Field(default=5.0, ge=0, le=60)  # an API goes on after SIGTERM
    consumer_session_seconds: float = Field(default=45.0, ge=3, le=300)
    access_trusted_seconds: int = Field(default=3_600, ge=15)  # that no event has come
    parking_share: float = Field(default=0.01, gt=0, le=1)  # of the last 1,000 records
    parking_most: int = Field(default=100, ge=1)  # within 10 minutes
    backdating: bool = False  # a request may say its time: for demos and tests
    max_body_bytes: int = Field(default=256 * 1024, ge=1024)
    max_concurrent_requests: int = Field(default=200, ge=4)
    max_connections: int = Field(default=2_000, ge=8)  # over HTTP, and as many over gRPC
    trusted_proxies: int = Field(default=0, ge=0, le=5)  # that add to X-Forwarded-For
    max_connection_age_seconds: int = Field(default=1800, ge=10)

    @field_validator("roles", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return comma_separated(value)

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            found = None
        if not isinstance(found, list | tuple):
            raise ValueError('a JSON list, such as ["https://app.example.org"]')
        return found

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError("each origin is exact: scheme, host and perhaps port; no path, / or *")
        return value

    def _mistakes(self) -> Iterator[str]:
        yield from super()._mistakes()
        if self.backdating and self.environment == "production":
            yield "BACKDATING: a request must not choose its time in production"

    def runs(self, role: str) -> bool:
        """Whether this process has `role` or a part of it, as `api.rest` is one of `api`."""
        return not self.roles or any(name.partition(".")[0] == role for name in self.roles)

    def effective(self) -> dict[str, Any]:
        """All settings as they took effect, JSON-able, secrets as asterisks."""
        return self.model_dump(mode="json")


def load(kind: type[S], **given: Any) -> S:
    """The settings of this process; `given` wins over the environment.
    Raises BadSettings, one line, without the values."""
    secrets = os.environ.get("SECRETS_DIR")
    if secrets and not os.path.isdir(secrets):
        raise BadSettings("SECRETS_DIR: there is no such directory")
    try:
        return kind(_secrets_dir=secrets or None, **given)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise BadSettings("; ".join(_told(each["loc"], each["msg"]) for each in found)) from None
    except SettingsError as error:
        raise BadSettings(f"{str(error).splitlines()[0]}") from None


def _told(place: tuple[str | int, ...], what: str) -> str:
    setting, *inside = map(str, place or ("",))
    name = ".".join([setting.upper(), *inside])
    return f"{name and f'{name}: '}{what.removeprefix('Value error, ')}"
