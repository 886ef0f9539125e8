"""What leaves the doctor's hands: no secret in it, whatever an engine's or library's text holds."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import distributions
from typing import Any, BinaryIO
from urllib.parse import unquote, unquote_plus, urlsplit

from services.assembly.service import VERSION
from services.chassis.engine_settings import EngineSettings
from services.ctl.doctor.finding import Finding

HIDDEN = "***"
_USER_INFO = re.compile(r"(?<=://)\S*@")
_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?|(?i:\bbearer\s+)\S+")
_QUERY = re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+")


class Redactor:
    """Takes out the secrets of these settings, users of addresses, tokens, and what follows the
    question mark of a web address."""

    def __init__(self, settings: EngineSettings) -> None:
        found = {each for each in _secrets(settings) if each}
        # the longest first: one may hold another
        self._secrets = sorted(found, key=len, reverse=True)

    def text(self, text: str) -> str:
        text = _USER_INFO.sub(f"{HIDDEN}@", text)
        for each in self._secrets:
            text = text.replace(each, HIDDEN)
        return _QUERY.sub(rf"\1?{HIDDEN}", _TOKEN.sub(HIDDEN, text))

    def value(self, value: Any) -> Any:
        """The same of every text inside what is JSON-able."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value


def _secrets(settings: EngineSettings) -> Iterator[str]:
    uri = settings.mongodb_uri.get_secret_value()
    password = urlsplit(uri).password if uri.count("@") else None
    # a password that is not encoded as it should be is one all the same
    told = uri.partition("://")[2].rpartition("@")[0].partition(":")[2]
    for each in (password or "", told):
        yield from (each, unquote(each), unquote_plus(each))
    yield settings.kafka_sasl_password.get_secret_value()
    for path in (settings.kafka_sasl_password_file, settings.kafka_sasl_token_file):
        try:
            if path:
                with open(path, "rb") as file:
                    yield file.read(64 * 1024).decode(errors="replace").strip()
        except OSError:
            continue  # the settings say so


def as_json(findings: Sequence[Finding], redactor: Redactor) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for each in findings:
        counts[str(each.state)] = counts.get(str(each.state), 0) + 1
    listed = [redactor.value(each.as_json()) for each in findings]
    return {"version": VERSION, "counts": counts, "findings": listed}


def write_bundle(
    path: str, findings: Sequence[Finding], settings: EngineSettings, redactor: Redactor
) -> None:
    """A zip for those who help: what was found, the settings and what is installed. For the
    owner's eyes alone, or on stdout for `-`. Raises OSError."""
    packages = sorted(f"{each.name}=={each.version}" for each in distributions())
    parts = {
        "findings.json": as_json(findings, redactor),
        "settings.json": redactor.value(settings.model_dump(mode="json")),
        "installed.json": {"python": platform.python_version(), "system": platform.platform()}
        | {"packages": packages},
    }
    with _opened(path) as file, zipfile.ZipFile(file, "w") as bundle:
        for name, content in parts.items():
            bundle.writestr(name, json.dumps(content, indent=2) + "\n")


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    if path == "-":
        return nullcontext(sys.stdout.buffer)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
