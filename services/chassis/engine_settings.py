"""How Kafka and MongoDB are reached. Services and the command line read the same settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from services.chassis.tls import TlsFiles, trusting


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
    issuers_ca_file: str = ""  # besides the system's: of who has keys of issuers, and gives tokens
    allow_plaintext: Annotated[tuple[Literal["kafka", "mongodb"], ...], NoDecode] = ()

    @field_validator("allow_plaintext", mode="before")
    @classmethod
    def _engines(cls, value: Any) -> Any:
        return comma_separated(value)

    @field_validator("mongodb_uri", "kafka_sasl_password", mode="before")
    @classmethod
    def _of_a_file(cls, value: Any) -> Any:
        """Without the end of line that an editor leaves in the file that a Secret was made of."""
        return value.rstrip("\r\n") if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if mistakes := list(self._mistakes()):
            raise ValueError("; ".join(mistakes))
        return self

    def _mistakes(self) -> Iterator[str]:
        """What does not fit together, each with the names of the variables."""
        yield from self._of_sasl()
        yield from self._of_kafka()
        yield from self._of_mongodb()
        if self.environment == "production":
            yield from self._of_plaintext()

    def _of_sasl(self) -> Iterator[str]:
        protocol, mechanism = self.kafka_security_protocol, self.kafka_sasl_mechanism
        if protocol.startswith("SASL") and not mechanism:
            yield f"KAFKA_SASL_MECHANISM: {protocol} needs one"
        elif mechanism and not protocol.startswith("SASL"):
            yield f"KAFKA_SASL_MECHANISM: KAFKA_SECURITY_PROTOCOL={protocol} has no SASL"
        if protocol == "SASL_PLAINTEXT" and mechanism in ("PLAIN", "OAUTHBEARER"):
            yield f"KAFKA_SASL_MECHANISM: {mechanism} needs TLS, so SASL_SSL"
        tokens = [bool(self.kafka_sasl_token_file), bool(self.kafka_sasl_token_endpoint)]
        if mechanism == "OAUTHBEARER" and sum(tokens) != 1:
            yield _one_of("KAFKA_SASL_TOKEN_FILE", "KAFKA_SASL_TOKEN_ENDPOINT", both=all(tokens))
        if any(tokens) and mechanism != "OAUTHBEARER":
            yield "KAFKA_SASL_TOKEN_FILE, KAFKA_SASL_TOKEN_ENDPOINT: are for OAUTHBEARER"
        if mechanism and not self.kafka_sasl_token_file:
            password = [bool(self.kafka_sasl_password.get_secret_value())]
            password += [bool(self.kafka_sasl_password_file)]
            if not self.kafka_sasl_username:
                yield f"KAFKA_SASL_USERNAME: {mechanism} needs one"
            if sum(password) != 1:
                yield _one_of("KAFKA_SASL_PASSWORD", "KAFKA_SASL_PASSWORD_FILE", both=all(password))

    def _of_kafka(self) -> Iterator[str]:
        protocol, endpoint = self.kafka_security_protocol, self.kafka_sasl_token_endpoint
        yield from _of_authorities("ISSUERS_CA_FILE", self.issuers_ca_file)
        if endpoint and self.environment == "production" and not endpoint.startswith("https://"):
            yield "KAFKA_SASL_TOKEN_ENDPOINT: must be https in production"
        if self.kafka_files and protocol not in ("SSL", "SASL_SSL"):
            names = "KAFKA_CA_FILE, KAFKA_CERT_FILE, KAFKA_KEY_FILE"
            yield f"{names}: KAFKA_SECURITY_PROTOCOL={protocol} has no TLS"
        yield from _of_files("KAFKA", self.kafka_files)
        yield from _of_secret("KAFKA_SASL_PASSWORD_FILE", self.kafka_sasl_password_file)
        yield from _of_secret("KAFKA_SASL_TOKEN_FILE", self.kafka_sasl_token_file)

    def _of_mongodb(self) -> Iterator[str]:
        options = _options(self.mongodb_uri.get_secret_value())
        if any(name.startswith(("tls", "ssl")) for name in options.keys() - {"tls", "ssl"}):
            yield (
                "MONGODB_URI: of TLS it says tls=true only; files are named by MONGODB_CA_FILE, "
                "MONGODB_CERT_FILE and MONGODB_KEY_FILE, and nothing turns the checks off"
            )
        if self.mongodb_files and not self.mongodb_tls:
            names = "MONGODB_CA_FILE, MONGODB_CERT_FILE, MONGODB_KEY_FILE"
            yield f"{names}: MONGODB_URI lacks tls=true"
        yield from _of_files("MONGODB", self.mongodb_files)

    def _of_plaintext(self) -> Iterator[str]:
        plain = {
            "kafka": self.kafka_security_protocol not in ("SSL", "SASL_SSL"),
            "mongodb": not self.mongodb_tls,
        }
        told = {
            "kafka": "KAFKA_SECURITY_PROTOCOL: SASL_SSL or SSL",
            "mongodb": "MONGODB_URI: tls=true",
        }
        for engine in ("kafka", "mongodb"):
            if plain[engine] and engine not in self.allow_plaintext:
                yield (
                    f"{told[engine]} is needed in production, where nothing goes over the network "
                    f"in plain text (or say ALLOW_PLAINTEXT={engine})"
                )

    @property
    def kafka_files(self) -> TlsFiles:
        return TlsFiles(self.kafka_ca_file, self.kafka_cert_file, self.kafka_key_file)

    @property
    def mongodb_files(self) -> TlsFiles:
        return TlsFiles(self.mongodb_ca_file, self.mongodb_cert_file, self.mongodb_key_file)

    @property
    def certificate_files(self) -> Mapping[str, str]:
        """The settings that name a file of certificates, with its path."""
        told = {
            "KAFKA_CA_FILE": self.kafka_ca_file,
            "KAFKA_CERT_FILE": self.kafka_cert_file,
            "MONGODB_CA_FILE": self.mongodb_ca_file,
            "MONGODB_CERT_FILE": self.mongodb_cert_file,
            "ISSUERS_CA_FILE": self.issuers_ca_file,
        }
        return {name: path for name, path in told.items() if path}

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
                ca=self.issuers_ca_file,
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


def _one_of(first: str, second: str, *, both: bool) -> str:
    return f"{first}, {second}: {'one of them, not both' if both else 'one of them is needed'}"


def _of_files(engine: str, files: TlsFiles) -> Iterator[str]:
    if bool(files.cert) != bool(files.key):
        yield f"{engine}_CERT_FILE, {engine}_KEY_FILE: both or neither"
        return
    parts = {
        "CA_FILE": TlsFiles(ca=files.ca),
        "CERT_FILE": TlsFiles(cert=files.cert, key=files.key),
    }
    for name, part in parts.items():
        try:
            if part:
                part.context()
        except OSError as error:
            yield f"{engine}_{name}: cannot be read ({_why(error)})"


def _of_authorities(name: str, path: str) -> Iterator[str]:
    try:
        trusting(path)
    except OSError as error:
        yield f"{name}: cannot be read ({_why(error)})"


def _of_secret(name: str, path: str) -> Iterator[str]:
    try:
        if path:
            from_file(path)()
    except OSError as error:
        yield f"{name}: cannot be read ({_why(error)})"


def _why(error: OSError) -> str:
    return error.strerror or str(error)
