"""What docs/data-use-policy.md says of the classes of records is all that there are."""

from __future__ import annotations

import re
from pathlib import Path

from services.privacy.policy.outline import RecordClass

PAGE = Path(__file__).parents[2] / "docs/data-use-policy.md"


def test_the_page_names_each_class_of_records_in_its_table_and_in_what_terms_may_name() -> None:
    page = PAGE.read_text(encoding="utf-8")
    classes = {each.value for each in RecordClass}
    table = page.split("## How long records are kept")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == classes
    (line,) = (each for each in page.splitlines() if each.startswith("`retention` names "))
    assert classes <= set(re.findall(r"`(\w+)`", line))
