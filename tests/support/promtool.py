"""Prometheus's own tool for rules: the one that PROMTOOL names or that is on the path, else the one
that `make promtool` has unpacked from a Debian package."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

HOME = Path(__file__).parents[2] / ".venv/promtool"
UNPACKED = HOME / "usr/bin/promtool"


def promtool() -> str:
    """Empty where there is none; `make` says so."""
    named = os.environ.get("PROMTOOL", "") or shutil.which("promtool") or ""
    return named or (str(UNPACKED) if UNPACKED.exists() else "")
