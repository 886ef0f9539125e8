"""Each decision says what it was for, what was chosen, what comes of it, what would change it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DECISIONS = Path(__file__).parents[2] / "docs/decisions"
PAGES = sorted(DECISIONS.glob("0*.md"))
PARTS = ["Context", "Choice", "Consequence", "What would change it"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_it_has_its_parts_in_their_order(page: Path) -> None:
    found = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert [each for each in found if each != "Not chosen"] == PARTS


def test_the_list_has_all_by_their_numbers_and_titles() -> None:
    listed = re.findall(
        r"^- \[(.+)\]\((.+)\)$", (DECISIONS / "README.md").read_text(), re.MULTILINE
    )
    titles = {page.name: page.read_text().partition("\n")[0].removeprefix("# ") for page in PAGES}
    assert {name: title for title, name in listed} == titles
    numbers = [int(title.partition(".")[0]) for title, _ in listed]
    assert numbers == sorted(set(numbers)) == [int(page.name[:4]) for page in PAGES]
