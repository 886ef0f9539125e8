"""How the entries of a planning record hang together: each has the hash of the one before it, so
that none can be taken out or changed unseen by whoever reads the others.

The content of an entry is hashed by itself, behind a salt. So of one that is erased that hash can
stay, tells nothing, and whoever reads the rest goes on from it. docs/privacy.md has the algorithm
for whoever checks it herself.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from services.programs.record.outline import Chained, PlanningEntryOutline


def content_hash(entry: PlanningEntryOutline) -> str:
    """SHA-256, in lower-case hex, over the salt and what the entry says as JSON in UTF-8: without
    what is empty, keys in order, no white space; instants as `instant` writes them."""
    said = {
        f"{entry.of.value}_id": entry.record_id,
        "kind": entry.kind,
        "author_id": entry.written_as,
        "text": entry.text,
        "written_at": instant(entry.written_at),
        "device_at": instant(entry.device_at) if entry.device_at is not None else "",
        "goal_id": entry.links.goal,
        "trial_id": entry.links.trial,
        "observation_id": entry.links.observation,
        "coaching_session_id": entry.links.coaching_session,
        "administration_id": entry.links.administration,
        "corrects_id": entry.corrects,
    }
    full = {name: value for name, value in said.items() if value}
    text = json.dumps(full, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return _sha256(entry.salt + text)


def following(last: Chained | None, content: str) -> Chained:
    """The place of the entry behind `last`; without one the first."""
    before, number = (last.hash, last.number + 1) if last is not None else ("", 1)
    return Chained(number, before, content, _sha256(f"{before}:{number}:{content}"))


def instant(at: datetime) -> str:
    """As REST answers it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
