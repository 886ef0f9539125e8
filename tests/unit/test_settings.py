from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.chassis.settings import BadSettings, ChassisSettings, load

ISSUER: dict[str, Any] = {
    "issuer": "https://id.example",
    "district": "riverside",
    "audience": "tandem",
    "jwks_uri": "https://id.example/keys",
}


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLES", "api, relay")
    monkeypatch.setenv("REST_PORT", "8123")
    monkeypatch.setenv("ISSUERS", json.dumps([ISSUER]))
    monkeypatch.setenv("CORS_ORIGINS", '["https://coach.example"]')
    settings = load(ChassisSettings)
    assert settings.roles == ("api", "relay")
    assert settings.rest_port == 8123
    assert settings.issuers[0].district == "riverside"
    assert settings.environment == "production"


def test_secrets_come_from_files_and_never_show(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mongodb_uri").write_text("mongodb://user:hush@db.example")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    settings = load(ChassisSettings)
    assert settings.mongodb_uri.get_secret_value() == "mongodb://user:hush@db.example"
    assert "hush" not in json.dumps(settings.effective())
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REST_PORT", "http"),
        ("REST_PORT", "70000"),
        ("ENVIRONMENT", "staging"),
        ("TRACE_RATIO", "2"),
        ("ISSUERS", "{"),
        ("ISSUERS", json.dumps([{**ISSUER, "algorithms": ["HS256"]}])),
        ("ISSUERS", json.dumps([{**ISSUER, "algorithms": ["none"]}])),
        ("ISSUERS", json.dumps([{**ISSUER, "jwks_file": "also"}])),
        ("ISSUERS", json.dumps([ISSUER, ISSUER])),
        ("ISSUERS", json.dumps([{**ISSUER, "issuer": "tandem-dev"}])),
        ("ISSUERS", json.dumps([{**ISSUER, "issuer": "tandem-dev:riverside"}])),
        ("ISSUERS", json.dumps([{**ISSUER, "jwks_uri": "http://id.example/keys"}])),
        ("ISSUERS", json.dumps([{**ISSUER, "max_age_seconds": 7200}])),
        ("CORS_ORIGINS", '["*"]'),
        ("SECRETS_DIR", "/nowhere/at/all"),
    ],
)
def test_a_bad_setting_is_named_in_one_line_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        load(ChassisSettings)
    line = str(caught.value)
    assert name in line.upper()
    assert "\n" not in line
    assert value not in line


def test_the_development_issuer_is_for_development(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "development")
    issuer = {**ISSUER, "issuer": "tandem-dev", "jwks_uri": "", "jwks_file": "keys.json"}
    monkeypatch.setenv("ISSUERS", json.dumps([{**issuer, "max_age_seconds": 86400}]))
    assert load(ChassisSettings).issuers[0].development
