"""What is said of Kafka and MongoDB fits together, or the process does not start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.chassis.engine_settings import EngineSettings
from services.chassis.settings import BadSettings, load
from tests.support.certificates import Authority

SCRAM = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
    "KAFKA_SASL_USERNAME": "goals",
    "KAFKA_SASL_PASSWORD": "hush",
}
OAUTH = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_MECHANISM": "OAUTHBEARER",
    "KAFKA_SASL_TOKEN_ENDPOINT": "https://login.example/token",
    "KAFKA_SASL_USERNAME": "goals",
    "KAFKA_SASL_PASSWORD": "hush",
}
MONGODB = {"MONGODB_URI": "mongodb://goals:hush@db.example/?tls=true&authSource=tandem_goals"}
PRODUCTION = {**SCRAM, **MONGODB, "ENVIRONMENT": "production"}


def told(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> EngineSettings:
    monkeypatch.setenv("ENVIRONMENT", "test")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return load(EngineSettings)


@pytest.mark.parametrize(
    "settings",
    [
        PRODUCTION,
        {**PRODUCTION, **OAUTH},
        {**MONGODB, "KAFKA_SECURITY_PROTOCOL": "SSL", "ENVIRONMENT": "production"},
        {**PRODUCTION, "MONGODB_URI": "mongodb+srv://db.example"},
        {**MONGODB, "ENVIRONMENT": "production", "ALLOW_PLAINTEXT": "kafka"},
        {"ENVIRONMENT": "production", "ALLOW_PLAINTEXT": "kafka, mongodb"},
        {"ENVIRONMENT": "test"},
    ],
)
def test_what_production_takes(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    assert told(monkeypatch, settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "kafka_security_protocol: SASL_SSL or SSL is needed in production"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL"}, "mongodb_uri: tls=true is needed in production"),
        ({**MONGODB, "ALLOW_PLAINTEXT": "mongodb"}, "kafka_security_protocol: "),
        ({**SCRAM, "ALLOW_PLAINTEXT": "kafka"}, "mongodb_uri: tls=true"),
        ({**SCRAM, "MONGODB_URI": "mongodb://db.example/?tls=false"}, "mongodb_uri: tls=true"),
        ({**SCRAM, "MONGODB_URI": "mongodb+srv://x.example/?TLS=false"}, "mongodb_uri: tls=true"),
        (
            {**PRODUCTION, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
            "kafka_security_protocol: SASL_SSL or SSL",
        ),
    ],
)
def test_production_refuses_plain_text_unless_told_so(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: str
) -> None:
    with pytest.raises(BadSettings, match=says) as caught:
        told(monkeypatch, {"ENVIRONMENT": "production", **settings})
    assert "\n" not in str(caught.value)
    assert "allow_plaintext=" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({**SCRAM, "KAFKA_SASL_MECHANISM": ""}, "kafka_sasl_mechanism"),
        ({**SCRAM, "KAFKA_SECURITY_PROTOCOL": "SSL"}, "kafka_sasl_mechanism"),
        ({**SCRAM, "KAFKA_SASL_MECHANISM": "GSSAPI"}, "KAFKA_SASL_MECHANISM"),
        ({**SCRAM, "KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL"),
        ({**SCRAM, "KAFKA_SASL_USERNAME": ""}, "kafka_sasl_username"),
        ({**SCRAM, "KAFKA_SASL_PASSWORD": ""}, "kafka_sasl_password"),
        ({**SCRAM, "KAFKA_SASL_PASSWORD_FILE": "/also"}, "kafka_sasl_password_file"),
        (
            {**SCRAM, "KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": "/nowhere"},
            "kafka_sasl_password_file: cannot be read",
        ),
        (
            {**SCRAM, "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
            "PLAIN needs TLS",
        ),
        ({**OAUTH, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "OAUTHBEARER needs TLS"),
        ({**OAUTH, "KAFKA_SASL_TOKEN_ENDPOINT": ""}, "kafka_sasl_token_endpoint"),
        ({**OAUTH, "KAFKA_SASL_TOKEN_FILE": "/also"}, "kafka_sasl_token_file"),
        (
            {**PRODUCTION, **OAUTH, "KAFKA_SASL_TOKEN_ENDPOINT": "http://login.example/token"},
            "kafka_sasl_token_endpoint: must be https",
        ),
        ({**SCRAM, "KAFKA_SASL_TOKEN_FILE": "/t"}, "are for OAUTHBEARER"),
        ({"KAFKA_CA_FILE": "/ca"}, "kafka_ca_file"),
        ({**SCRAM, "KAFKA_CA_FILE": "/nowhere/ca"}, "kafka_ca_file: cannot be read"),
        ({**SCRAM, "KAFKA_CERT_FILE": "/c"}, "kafka_cert_file and kafka_key_file"),
        ({"MONGODB_CA_FILE": "/ca"}, "mongodb_uri lacks tls=true"),
        ({**MONGODB, "MONGODB_CA_FILE": "/nowhere/ca"}, "mongodb_ca_file: cannot be read"),
        ({**MONGODB, "MONGODB_KEY_FILE": "/k"}, "mongodb_cert_file and mongodb_key_file"),
        ({"MONGODB_URI": "mongodb://d/?tls=true&tlsCAFile=/ca"}, "mongodb_uri"),
        ({"MONGODB_URI": "mongodb://d/?tls=true;tlsinsecure=true"}, "mongodb_uri"),
        ({"MONGODB_URI": "mongodb://d/?ssl=true&tlsAllowInvalidHostnames=true"}, "mongodb_uri"),
        ({"ALLOW_PLAINTEXT": "everything"}, "ALLOW_PLAINTEXT"),
    ],
)
def test_what_does_not_fit_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], name: str
) -> None:
    with pytest.raises(BadSettings) as caught:
        told(monkeypatch, settings)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_what_is_no_certificate_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cert, key = Authority("ours").write(tmp_path, "client")
    other = Authority("ours").write(tmp_path, "other")[1]
    good = {**SCRAM, "KAFKA_CERT_FILE": str(cert), "KAFKA_KEY_FILE": str(key)}
    assert told(monkeypatch, good).kafka_files.cert == str(cert)
    with pytest.raises(BadSettings, match="kafka_cert_file: cannot be read"):
        told(monkeypatch, {**good, "KAFKA_KEY_FILE": str(other)})
    (tmp_path / "ca.crt").write_text("no certificate")
    with pytest.raises(BadSettings, match="kafka_ca_file: cannot be read"):
        told(monkeypatch, {**good, "KAFKA_CA_FILE": str(tmp_path / "ca.crt")})


def test_passwords_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch, {**OAUTH, **MONGODB})
    assert "hush" not in repr(settings)
    assert "hush" not in json.dumps(settings.model_dump(mode="json"))


async def test_a_password_is_read_from_its_file_each_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("of April\n")
    (tmp_path / "token").write_text("one\n")
    known = {**SCRAM, "KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": f"{tmp_path}/password"}
    password = told(monkeypatch, known).kafka_security().password
    assert password is not None
    assert password() == "of April"
    (tmp_path / "password").write_text("of May")
    assert password() == "of May"
    (tmp_path / "password").write_text("\n")
    with pytest.raises(OSError, match="empty"):
        password()
