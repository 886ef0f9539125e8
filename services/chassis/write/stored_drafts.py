"""Drafts as they are stored: between `Draft` and what a document holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chassis.write.drafts import SCHEMA, Draft, DraftText, needs_upgrade


def said(draft: Draft) -> dict[str, Any]:
    """What a save says of one that is there."""
    return {
        "kind": draft.kind,
        "about": draft.about,
        "person": draft.person,
        "texts": [{"name": each.name, "text": each.text} for each in draft.texts],
        "saved_at": draft.saved_at,
        "until": draft.kept_until,
        "schema": SCHEMA,
        **({"person_before": draft.person_before} if draft.person_before else {}),
    }


def stored_of(draft: Draft) -> dict[str, Any]:
    """A new one, without its `_id`."""
    return {
        "district": draft.district,
        "author": draft.author,
        "id": draft.id,
        **said(draft),
        "begun_at": draft.begun_at,
        "version": draft.version,
        "author_before": draft.author_before,
        "person_before": draft.person_before,
    }


def draft_of(stored: Mapping[str, Any]) -> Draft:
    """Raises Fault UNAVAILABLE `needs_upgrade` of what a newer build has stored."""
    if stored["schema"] > SCHEMA:
        raise needs_upgrade()
    return Draft(
        district=stored["district"],
        author=stored["author"],
        id=stored["id"],
        kind=stored["kind"],
        about=stored["about"],
        person=stored["person"],
        texts=tuple(DraftText(**each) for each in stored.get("texts", ())),
        begun_at=stored["begun_at"],
        saved_at=stored["saved_at"],
        version=stored["version"],
        author_before=stored["author_before"],
        person_before=stored["person_before"],
    )
