"""How somebody who has read her looks over REST checks them, as docs/privacy.md says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HASHED = (
    "decision", "first_at", "grant_id", "kind", "last_at", "number", "operation", "partner_id",
    "person_id", "purpose", "relation", "service", "times", "viewer_id",
)  # fmt: skip


def broken(newest_first: Sequence[Any]) -> str:
    """What is wrong with a list; empty where nothing is. By the program of the docs."""
    from tests.support.docs_program import program

    return str(program("docs/privacy.md", "check")(list(newest_first)))
