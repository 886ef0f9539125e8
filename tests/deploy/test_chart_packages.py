"""The charts as packages: the same bytes from any checkout, and what is installed from them is what
a checkout installs."""

from __future__ import annotations

import shutil
import tarfile
import tomllib
from pathlib import Path

import pytest

from tests.support.chart_packages import CHARTS, package
from tests.support.charts import EVERYTHING
from tests.support.helm import CHART, ROOT, render

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_two_packages_are_the_same_bytes(chart: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(chart, tmp_path / chart.name, copy_function=shutil.copyfile))
    (other / "values.yaml").chmod(0o600)  # a checkout of somebody else, a minute later
    first, second = (package(each, tmp_path / name) for each, name in ((chart, "a"), (other, "b")))
    assert first.name == second.name == f"{chart.name}-{VERSION}.tgz"
    assert first.read_bytes() == second.read_bytes()


def test_what_is_rendered_from_a_package_is_what_its_folder_renders(tmp_path: Path) -> None:
    packed = package(CHART, tmp_path)
    assert render(EVERYTHING, chart=packed) == render(EVERYTHING)


def test_the_examples_and_the_page_of_values_are_in_it(tmp_path: Path) -> None:
    with tarfile.open(package(CHART, tmp_path)) as opened:
        found = set(opened.getnames())
    files = {path.relative_to(CHART) for path in CHART.rglob("*") if path.is_file()}
    assert found == {f"{CHART.name}/{each.as_posix()}" for each in files}
