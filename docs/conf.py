"""How Sphinx makes a site of the pages, for `make docs`: they stand as they are, README first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

project = html_title = "Tandem"
extensions = ["myst_parser"]
include_patterns = ["*.md", "docs/*.md", "docs/decisions/*.md", "clients/*/README.md"]
root_doc = "README"
nitpicky = True
myst_heading_anchors = 4  # which links to a page's parts name, as repositories' pages do
html_theme = "furo"
html_copy_source = False
html_show_copyright = False


def pages() -> Iterator[str]:
    """Beside the first, in the order in which it names them; then those that it does not."""
    found = {
        str(each.relative_to(ROOT).with_suffix(""))
        for pattern in include_patterns
        for each in ROOT.glob(pattern)
    } - {root_doc}
    first = (ROOT / f"{root_doc}.md").read_text()
    named = {each: first.find(f"({each}.md") for each in found}
    yield from sorted(found, key=lambda each: (named[each] < 0, named[each], each))


def name_pages(app: Any, page: str, source: list[str]) -> None:
    if page == root_doc:
        source[0] += "\n".join(("", "```{toctree}", ":hidden:", *pages(), "```", ""))


def lead_to_first(app: Any, error: Exception | None) -> None:
    """Where a server looks for a folder's page."""
    leads = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">'
    Path(app.outdir, "index.html").write_text(f"{leads}<title>{project}</title>")


def setup(app: Any) -> None:
    app.connect("source-read", name_pages)
    app.connect("build-finished", lead_to_first)
