from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.chassis.backing import kafka_mongo
from services.chassis.settings import BadSettings, ChassisSettings, load


@pytest.fixture(autouse=True)
def plain_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Production would ask for TLS first: see `test_engine_settings.py`."""
    monkeypatch.setenv("ALLOW_PLAINTEXT", "kafka,mongodb")


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLES", "api, relay")
    monkeypatch.setenv("REST_PORT", "8123")
    monkeypatch.setenv("CORS_ORIGINS", '["https://coach.example"]')
    settings = load(ChassisSettings)
    assert settings.roles == ("api", "relay")
    assert settings.rest_port == 8123
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
        ("CORS_ORIGINS", "{"),
        ("CORS_ORIGINS", '["*"]'),
        ("CORS_ORIGINS", "https://mine.example"),
        ("CORS_ORIGINS", '["https://coach.example/"]'),
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
    assert line.startswith(f"{name}")
    assert "Value error" not in line
    assert "\n" not in line
    assert value not in line


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("REST_PORT", "http"), ("TRACE_RATIO", "2"), ("CORS_ORIGINS", "x")):
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        load(ChassisSettings)
    names = {each.partition(":")[0] for each in str(caught.value).split("; ")}
    assert names == {"REST_PORT", "TRACE_RATIO", "CORS_ORIGINS"}


def test_what_is_no_address_of_mongodb_shows_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://goals:p@hush@db.example")
    with pytest.raises(BadSettings, match=r"MONGODB_URI: .*percent-encoded") as caught:
        kafka_mongo("goals", load(ChassisSettings), "any")
    assert "hush" not in str(caught.value)
