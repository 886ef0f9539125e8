"""Asking an API server, by kubectl and helm, as one of its users."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.helm import Object, tools

SECONDS = 600  # longer than Helm waits


class Refused(Exception):
    """What kubectl or helm says."""


@dataclass(frozen=True)
class Output:
    out: str
    warned: str


@dataclass(frozen=True)
class ClusterApi:
    """`configs`: user -> kubeconfig; `user` is the one who asks."""

    configs: Mapping[str, Path]
    user: str = "admin"

    def as_user(self, name: str) -> ClusterApi:
        return ClusterApi(self.configs, name)

    def kubectl(self, *arguments: str | Path, objects: Sequence[Object] = ()) -> Output:
        """`objects` go to its standard input, for `-f -`. Raises Refused."""
        given = "\n---\n".join(map(json.dumps, objects)) if objects else None
        return self._run("kubectl", arguments, given)

    def helm(self, *arguments: str | Path, values: Object | None = None) -> Output:
        """`values` win over those of the chart. Raises Refused."""
        if values is None:
            return self._run("helm", arguments, None)
        return self._run("helm", [*arguments, "-f", "-"], yaml.safe_dump(values))

    def get(self, *what: str) -> list[Any]:
        """The objects that kubectl finds."""
        found = json.loads(self.kubectl("get", *what, "-o", "json").out)
        return list(found["items"]) if "items" in found else [found]

    def _run(self, name: str, arguments: Sequence[str | Path], given: str | None) -> Output:
        with tempfile.TemporaryDirectory() as home:  # nobody's settings
            done = subprocess.run(
                [tools() / name, *arguments],
                input=given,
                env={
                    "PATH": "/usr/bin:/bin",
                    "HOME": home,
                    "KUBECONFIG": str(self.configs[self.user]),
                },
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        if done.returncode:
            raise Refused(f"{name} {' '.join(map(str, arguments))[:120]}: {done.stderr}")
        return Output(done.stdout, done.stderr)
