"""How Sphinx makes a site of the pages, for `make docs`: they stand as they are, README first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DECISIONS = "docs/decisions"

project = html_title = "Tandem"
extensions = ["myst_parser"]
include_patterns = ["*.md", "docs/*.md", "docs/decisions/*.md", "clients/*/README.md"]
root_doc = "README"
nitpicky = True
myst_heading_anchors = 4  # which links to a page's parts name, as repositories' pages do
highlight_language = "none"  # of a block that names none: a drawing
html_theme = "furo"
html_copy_source = False
html_show_copyright = False


def pages() -> Iterator[str]:
    """Beside the first, in the order of its table; then those that it does not name. Decisions are
    below the page that lists them."""
    found = {
        str(each.relative_to(ROOT).with_suffix(""))
        for pattern in include_patterns
        for each in ROOT.glob(pattern)
    } - {root_doc, *decisions()}
    _, _, table = (ROOT / f"{root_doc}.md").read_text().partition("## Read on")
    named = {each: table.find(f"({each}.md") for each in found}
    yield from sorted(found, key=lambda each: (named[each] < 0, named[each], each))


def decisions() -> Sequence[str]:
    found = sorted(ROOT.glob(f"{DECISIONS}/0*.md"))
    return [str(each.relative_to(ROOT).with_suffix("")) for each in found]


def name_pages(app: Any, page: str, source: list[str]) -> None:
    below = {root_doc: pages, f"{DECISIONS}/README": decisions}.get(page, tuple)
    if names := [f"/{each}" for each in below()]:
        source[0] += "\n".join(("", "```{toctree}", ":hidden:", *names, "```", ""))


def lead_to_first(app: Any, error: Exception | None) -> None:
    """Where a server looks for a folder's page."""
    leads = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">'
    Path(app.outdir, "index.html").write_text(f"{leads}<title>{project}</title>")


def setup(app: Any) -> None:
    app.connect("source-read", name_pages)
    app.connect("build-finished", lead_to_first)
