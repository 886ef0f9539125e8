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
        ({}, "KAFKA_SECURITY_PROTOCOL: SASL_SSL or SSL is needed in production"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL"}, "MONGODB_URI: tls=true is needed in production"),
        ({**MONGODB, "ALLOW_PLAINTEXT": "mongodb"}, "KAFKA_SECURITY_PROTOCOL: "),
        ({**SCRAM, "ALLOW_PLAINTEXT": "kafka"}, "MONGODB_URI: tls=true"),
        ({**SCRAM, "MONGODB_URI": "mongodb://db.example/?tls=false"}, "MONGODB_URI: tls=true"),
        ({**SCRAM, "MONGODB_URI": "mongodb+srv://x.example/?TLS=false"}, "MONGODB_URI: tls=true"),
        (
            {**PRODUCTION, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
            "KAFKA_SECURITY_PROTOCOL: SASL_SSL or SSL",
        ),
    ],
)
def test_production_refuses_plain_text_unless_told_so(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: str
) -> None:
    with pytest.raises(BadSettings, match=says) as caught:
        told(monkeypatch, {"ENVIRONMENT": "production", **settings})
    assert "\n" not in str(caught.value)
    assert "ALLOW_PLAINTEXT=" in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({**SCRAM, "KAFKA_SASL_MECHANISM": ""}, "KAFKA_SASL_MECHANISM: SASL_SSL needs one"),
        ({**SCRAM, "KAFKA_SECURITY_PROTOCOL": "SSL"}, "KAFKA_SASL_MECHANISM: KAFKA_SECURITY"),
        ({**SCRAM, "KAFKA_SASL_MECHANISM": "GSSAPI"}, "KAFKA_SASL_MECHANISM"),
        ({**SCRAM, "KAFKA_SECURITY_PROTOCOL": "TLS"}, "KAFKA_SECURITY_PROTOCOL"),
        ({**SCRAM, "KAFKA_SASL_USERNAME": ""}, "KAFKA_SASL_USERNAME"),
        ({**SCRAM, "KAFKA_SASL_PASSWORD": ""}, "KAFKA_SASL_PASSWORD_FILE: one of them is needed"),
        ({**SCRAM, "KAFKA_SASL_PASSWORD_FILE": "/also"}, "one of them, not both"),
        (
            {**SCRAM, "KAFKA_SASL_PASSWORD": "", "KAFKA_SASL_PASSWORD_FILE": "/nowhere"},
            "KAFKA_SASL_PASSWORD_FILE: cannot be read",
        ),
        (
            {**SCRAM, "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"},
            "PLAIN needs TLS",
        ),
        ({**OAUTH, "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "OAUTHBEARER needs TLS"),
        ({**OAUTH, "KAFKA_SASL_TOKEN_ENDPOINT": ""}, "KAFKA_SASL_TOKEN_ENDPOINT"),
        ({**OAUTH, "KAFKA_SASL_TOKEN_FILE": "/also"}, "KAFKA_SASL_TOKEN_FILE"),
        (
            {**PRODUCTION, **OAUTH, "KAFKA_SASL_TOKEN_ENDPOINT": "http://login.example/token"},
            "KAFKA_SASL_TOKEN_ENDPOINT: must be https",
        ),
        ({**SCRAM, "KAFKA_SASL_TOKEN_FILE": "/t"}, "are for OAUTHBEARER"),
        ({"KAFKA_CA_FILE": "/ca"}, "KAFKA_CA_FILE"),
        ({**SCRAM, "KAFKA_CA_FILE": "/nowhere/ca"}, "KAFKA_CA_FILE: cannot be read"),
        ({**SCRAM, "KAFKA_CERT_FILE": "/c"}, "KAFKA_CERT_FILE, KAFKA_KEY_FILE: both"),
        ({"MONGODB_CA_FILE": "/ca"}, "MONGODB_URI lacks tls=true"),
        ({**MONGODB, "MONGODB_CA_FILE": "/nowhere/ca"}, "MONGODB_CA_FILE: cannot be read"),
        ({**MONGODB, "MONGODB_KEY_FILE": "/k"}, "MONGODB_CERT_FILE, MONGODB_KEY_FILE: both"),
        ({"MONGODB_URI": "mongodb://d/?tls=true&tlsCAFile=/ca"}, "MONGODB_URI"),
        ({"MONGODB_URI": "mongodb://d/?tls=true;tlsinsecure=true"}, "MONGODB_URI"),
        ({"MONGODB_URI": "mongodb://d/?ssl=true&tlsAllowInvalidHostnames=true"}, "MONGODB_URI"),
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


def test_all_that_does_not_fit_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**SCRAM, "KAFKA_SASL_USERNAME": "", "MONGODB_CA_FILE": "/nowhere/ca"}
    with pytest.raises(BadSettings) as caught:
        told(monkeypatch, {**wrong, "ENVIRONMENT": "production"})
    names = [each.partition(":")[0] for each in str(caught.value).split("; ")]
    assert names == [
        "KAFKA_SASL_USERNAME",
        "MONGODB_CA_FILE, MONGODB_CERT_FILE, MONGODB_KEY_FILE",
        "MONGODB_CA_FILE",
        "MONGODB_URI",
    ]


def test_what_is_no_certificate_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cert, key = Authority("ours").write(tmp_path, "client")
    other = Authority("ours").write(tmp_path, "other")[1]
    good = {**SCRAM, "KAFKA_CERT_FILE": str(cert), "KAFKA_KEY_FILE": str(key)}
    assert told(monkeypatch, good).kafka_files.cert == str(cert)
    with pytest.raises(BadSettings, match="KAFKA_CERT_FILE: cannot be read"):
        told(monkeypatch, {**good, "KAFKA_KEY_FILE": str(other)})
    (tmp_path / "ca.crt").write_text("no certificate")
    with pytest.raises(BadSettings, match="KAFKA_CA_FILE: cannot be read"):
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


def test_the_end_of_a_line_is_no_part_of_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "test")
    monkeypatch.setenv("MONGODB_URI", "mongodb://db.example.org/?tls=true\n")
    assert EngineSettings().mongodb_uri.get_secret_value() == "mongodb://db.example.org/?tls=true"
