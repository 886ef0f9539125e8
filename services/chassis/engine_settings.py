"""How Kafka and MongoDB are reached. Services and the command line read the same settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.chassis.log.security import (
    KafkaSecurity,
    Mechanism,
    Protocol,
    from_file,
    token_file,
)
from services.chassis.tls import TlsFiles


class EngineSettings(BaseSettings):
    """Names in upper case are the environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Literal["development", "test", "production"] = "production"
    kafka_bootstrap_servers: str = "localhost:9092"
    kafka_security_protocol: Protocol = "PLAINTEXT"
    kafka_ca_file: str = ""  # empty: the system's authorities
    kafka_cert_file: str = ""
    kafka_key_file: str = ""
    kafka_sasl_mechanism: Mechanism = ""
    kafka_sasl_username: str = Field(default="", max_length=256)
    kafka_sasl_password: SecretStr = SecretStr("")
    kafka_sasl_password_file: str = ""
    kafka_sasl_token_file: str = ""
    kafka_sasl_token_endpoint: str = ""
    kafka_sasl_token_scope: str = ""
    mongodb_uri: SecretStr = SecretStr("mongodb://localhost:27017")
    mongodb_ca_file: str = ""
    mongodb_cert_file: str = ""
    mongodb_key_file: str = ""
    allow_plaintext: Annotated[tuple[Literal["kafka", "mongodb"], ...], NoDecode] = ()

    @field_validator("allow_plaintext", mode="before")
    @classmethod
    def _engines(cls, value: Any) -> Any:
        return comma_separated(value)

    @model_validator(mode="after")
    def _kafka(self) -> Self:
        protocol, mechanism = self.kafka_security_protocol, self.kafka_sasl_mechanism
        if protocol.startswith("SASL") != bool(mechanism):
            raise ValueError("kafka_sasl_mechanism: goes with a SASL protocol, and only with one")
        if protocol == "SASL_PLAINTEXT" and mechanism in ("PLAIN", "OAUTHBEARER"):
            raise ValueError(f"kafka_sasl_mechanism: {mechanism} needs TLS, so SASL_SSL")
        password = [bool(self.kafka_sasl_password.get_secret_value())]
        password += [bool(self.kafka_sasl_password_file)]
        tokens = [bool(self.kafka_sasl_token_file), bool(self.kafka_sasl_token_endpoint)]
        if mechanism == "OAUTHBEARER" and sum(tokens) != 1:
            raise ValueError(
                "kafka_sasl_token_file or kafka_sasl_token_endpoint: OAUTHBEARER needs one of them"
            )
        named = bool(mechanism) and not self.kafka_sasl_token_file
        if named and not (self.kafka_sasl_username and sum(password) == 1):
            raise ValueError(
                "kafka_sasl_username: needed, and one of kafka_sasl_password and "
                "kafka_sasl_password_file"
            )
        if any(tokens) and mechanism != "OAUTHBEARER":
            raise ValueError("kafka_sasl_token_file, _endpoint: are for OAUTHBEARER")
        endpoint = self.kafka_sasl_token_endpoint
        if endpoint and self.environment == "production" and not endpoint.startswith("https://"):
            raise ValueError("kafka_sasl_token_endpoint: must be https in production")
        if self.kafka_files and protocol not in ("SSL", "SASL_SSL"):
            raise ValueError(f"kafka_ca_file, _cert_file, _key_file: {protocol} has no TLS")
        _check("kafka", self.kafka_files)
        for name in ("kafka_sasl_password_file", "kafka_sasl_token_file"):
            _check_secret(name, getattr(self, name))
        return self

    @model_validator(mode="after")
    def _mongodb(self) -> Self:
        uri = self.mongodb_uri.get_secret_value()
        if any(name.startswith(("tls", "ssl")) for name in _options(uri).keys() - {"tls", "ssl"}):
            raise ValueError(
                "mongodb_uri: of TLS it says tls=true only; files are named by mongodb_ca_file, "
                "mongodb_cert_file and mongodb_key_file, and nothing turns the checks off"
            )
        if self.mongodb_files and not self.mongodb_tls:
            raise ValueError("mongodb_ca_file, _cert_file, _key_file: mongodb_uri lacks tls=true")
        _check("mongodb", self.mongodb_files)
        return self

    @model_validator(mode="after")
    def _no_plaintext(self) -> Self:
        if self.environment != "production":
            return self
        plain = {
            "kafka": self.kafka_security_protocol not in ("SSL", "SASL_SSL"),
            "mongodb": not self.mongodb_tls,
        }
        told = {
            "kafka": "kafka_security_protocol: SASL_SSL or SSL",
            "mongodb": "mongodb_uri: tls=true",
        }
        for engine in ("kafka", "mongodb"):
            if plain[engine] and engine not in self.allow_plaintext:
                raise ValueError(
                    f"{told[engine]} is needed in production, where nothing goes over the network "
                    f"in plain text (or say allow_plaintext={engine})"
                )
        return self

    @property
    def kafka_files(self) -> TlsFiles:
        return TlsFiles(self.kafka_ca_file, self.kafka_cert_file, self.kafka_key_file)

    @property
    def mongodb_files(self) -> TlsFiles:
        return TlsFiles(self.mongodb_ca_file, self.mongodb_cert_file, self.mongodb_key_file)

    @property
    def mongodb_tls(self) -> bool:
        """As the driver reads the address: an SRV one means TLS unless it says otherwise."""
        uri = self.mongodb_uri.get_secret_value()
        options = _options(uri)
        told = options.get("tls", options.get("ssl", str(uri.startswith("mongodb+srv://"))))
        return told.lower() == "true"

    def kafka_security(self) -> KafkaSecurity:
        """For the clients of Kafka: see `log.connections.Proof`."""
        path, secret = self.kafka_sasl_password_file, self.kafka_sasl_password.get_secret_value()
        password = from_file(path) if path else lambda: secret
        token = token_file(self.kafka_sasl_token_file) if self.kafka_sasl_token_file else None
        if self.kafka_sasl_token_endpoint:
            from services.chassis.log.token_endpoint import TokenEndpoint  # rarely: see there

            token = TokenEndpoint(
                self.kafka_sasl_token_endpoint,
                self.kafka_sasl_username,
                password,
                self.kafka_sasl_token_scope,
            )
        return KafkaSecurity(
            protocol=self.kafka_security_protocol,
            mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_sasl_username,
            password=password,
            token=token,
            files=self.kafka_files,
        )


def comma_separated(value: Any) -> Any:
    """A text as the tuple of its parts; anything else as it is."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _options(uri: str) -> dict[str, str]:
    """Of a MongoDB address, by name in lower case."""
    query = uri.partition("?")[2].replace(";", "&")
    return {name.lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}


def _check(engine: str, files: TlsFiles) -> None:
    if bool(files.cert) != bool(files.key):
        raise ValueError(f"{engine}_cert_file and {engine}_key_file: both or neither")
    parts = {
        "ca_file": TlsFiles(ca=files.ca),
        "cert_file": TlsFiles(cert=files.cert, key=files.key),
    }
    for name, part in parts.items():
        try:
            if part:
                part.context()
        except OSError as error:
            raise ValueError(f"{engine}_{name}: cannot be read ({_why(error)})") from None


def _check_secret(name: str, path: str) -> None:
    try:
        if path:
            from_file(path)()
    except OSError as error:
        raise ValueError(f"{name}: cannot be read ({_why(error)})") from None


def _why(error: OSError) -> str:
    return error.strerror or str(error)
