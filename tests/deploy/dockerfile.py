"""The Dockerfile as instructions."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATH = ROOT / "deploy/docker/Dockerfile"


def instructions(text: str | None = None) -> list[tuple[str, str]]:
    """Each as its word and what follows, on one line, without comments."""
    whole = re.sub(r"^\s*#.*\n", "", text or PATH.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", whole).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def of(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def entrypoint() -> list[str]:
    (found,) = of("ENTRYPOINT")
    argv: list[str] = json.loads(found)
    return argv
