"""`make chart`: the charts as packages in `dist/`, the same bytes for the same files."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from tests.support.helm import CHART, ROOT, helm

CHARTS = (CHART, ROOT / "deploy/helm/trial-engines")
WHEN = 315_532_800  # 1980-01-01, as the time of every file: a checkout's own differ


def package(chart: Path, folder: Path) -> Path:
    """Makes the package of a chart in `folder`; it is named by the chart and its version. Raises
    HelmRefuses."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(shutil.copytree(chart, Path(place) / chart.name))
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (WHEN, WHEN))
        made = Path(place) / "made"
        helm("package", copy, "--destination", made)
        (found,) = made.iterdir()
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(found, folder / found.name))


if __name__ == "__main__":
    for each in CHARTS:
        path = package(each, ROOT / "dist")
        sys.stdout.write(f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT)}\n")
