"""Which demo was begun in a local stack, so that one that was interrupted is finished."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from services.ctl.demo.seed import Seeding

NAME = "demo.json"


def begun(folder: Path) -> tuple[Seeding, bool] | None:
    """The plan and whether it was finished; None if none was begun."""
    try:
        noted = json.loads((folder / NAME).read_text())
        plan = Seeding(date.fromisoformat(noted["today"]), int(noted["teachers"]))
        return plan, bool(noted["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note(folder: Path, plan: Seeding, *, finished: bool) -> None:
    content = {
        "today": plan.today.isoformat(),
        "teachers": plan.teachers,
        "finished": finished,
    }
    (folder / NAME).write_text(json.dumps(content) + "\n")
