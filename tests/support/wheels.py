"""The Python client's wheel."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def built(out: Path) -> Path:
    """Its wheel, made as `make wheel` does, in the folder `out`."""
    command = re.search(r"\$\(BIN\)/uv build .*", (ROOT / "Makefile").read_text())
    assert command is not None
    told = command[0].replace("$(BIN)", ".venv/bin").replace("--out-dir dist", f"--out-dir {out}")
    subprocess.run(told.split(), cwd=ROOT, check=True)
    (wheel,) = out.glob("*.whl")
    return wheel
