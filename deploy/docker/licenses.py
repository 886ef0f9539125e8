"""The licenses of what the image holds beside Debian's packages: the locked dependencies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements/services.lock"

# What a district may run, change and pass on without asking; MPL-2.0 concerns changed files alone.
ALLOWED = frozenset(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause ISC MIT MIT-0 MPL-2.0 PSF-2.0".split()
)
# How those that do not write SPDX say it.
SAID = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
}


class Unknown(Exception):
    """A dependency is not installed in the locked version, or does not say its license."""


def locked(lock: Path = LOCK) -> Mapping[str, str]:
    """Name -> version."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE))


def licenses() -> Mapping[str, str]:
    """Name -> SPDX expression, as its own metadata has it. Raises Unknown."""
    return {name: _license(name, version) for name, version in locked().items()}


def refused(expression: str) -> bool:
    """Whether not all that an expression names is allowed."""
    named = set(re.findall(r"[A-Za-z0-9.-]+", expression)) - {"AND", "OR"}
    return not named or not named <= ALLOWED


def _license(name: str, version: str) -> str:
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        raise Unknown(f"{name} is not installed") from None
    if metadata["Version"] != version:
        raise Unknown(f"{name} {metadata['Version']} is installed, not {version}")
    if metadata["License-Expression"]:
        return metadata["License-Expression"]
    marks = [mark for mark in metadata.get_all("Classifier", []) if mark.startswith("License")]
    said = [mark.rpartition(" :: ")[2] for mark in marks] or [metadata["License"] or ""]
    known = [SAID.get(each, each) for each in said]
    if not all(known):
        raise Unknown(f"{name} does not say its license")
    return " OR ".join(known)
