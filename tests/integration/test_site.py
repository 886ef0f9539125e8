"""The site of `make docs`: strict, whole, and asking nobody else for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What a browser fetches of its own accord.
FETCHED = re.compile(r"<(?:link|script|img|iframe|source)\b[^>]*\b(?:src|href)=\"([^\"]*)\"")


def made(pages: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """As the Makefile makes it."""
    recipe = re.search(r"\$\(BIN\)/python (-m sphinx .*)", (ROOT / "Makefile").read_text())
    assert recipe is not None
    told = recipe[1].replace(".local/doctrees", f"{out}/doctrees").replace("dist/docs", f"{out}")
    return subprocess.run(
        [sys.executable, *told.split()], cwd=pages, capture_output=True, text=True
    )


def test_all_pages_are_in_it_and_it_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    done = made(ROOT, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for each in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("clients/*/*.md")):
        page = (tmp_path / each.relative_to(ROOT)).with_suffix(".html")
        assert page.is_file(), page
    assert "url=README.html" in (tmp_path / "index.html").read_text()
    shown = [page.read_text() for page in tmp_path.rglob("*.html")]
    assert not [url for text in shown for url in FETCHED.findall(text) if "//" in url]
    styles = "".join(each.read_text() for each in tmp_path.rglob("*.css"))
    assert not re.findall(r"@import|@font-face|url\((?!['\"]?data:)", styles)


def test_dead_links_are_errors(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs/conf.py", tmp_path / "docs")
    (tmp_path / "docs/there.md").write_text("# There\n\n## It is\n")
    dead = ["docs/nowhere.md", "deploy/nowhere.yaml", "docs/there.md#it-was"]
    links = "\n".join(f"- [a link]({each})" for each in [*dead, "docs/there.md#it-is"])
    (tmp_path / "README.md").write_text(f"# Pages\n\n{links}\n")
    done = made(tmp_path, tmp_path / "out")
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if "README.md" in line]
    assert len(told) == len(dead), done.stderr
    for line, name in zip(
        sorted(told), ("docs/nowhere", "deploy/nowhere.yaml", "it-was"), strict=True
    ):
        assert name in line
