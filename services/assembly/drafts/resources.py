"""Answers about drafts, over REST and gRPC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field, create_model

from services.chassis.fields import PageResource, Resource
from services.chassis.write.drafts import Draft


class DraftTextResource(Resource):
    name: str = Field(description="Which field of the page, as the page calls it")
    text: str = Field(description="What was typed so far; may be empty")


class DraftSummaryResource(Resource):
    """A draft as lists show it."""

    draft_id: str
    kind: str = Field(description="What is being typed")
    about_id: str | None = Field(description="The thing that it is for; null where none was named")
    teacher_id: str | None = Field(description="Whom it is about; null where nobody was named")
    begun_at: datetime = Field(description="When it was saved first")
    saved_at: datetime = Field(description="When it was saved last")
    kept_until: datetime = Field(description="When it is removed, unless it is saved again")
    version: int = Field(description="The number in its `ETag`, 1 more with each save")


class DraftResource(DraftSummaryResource):
    """What the caller is typing, until she sends it: hers alone to read."""

    texts: list[DraftTextResource] = Field(description="In the order in which they were sent")


class DraftPage(PageResource):
    drafts: list[DraftSummaryResource]


Shown = Callable[[Draft], DraftSummaryResource]


def shown_of(kinds: Sequence[str]) -> tuple[type[DraftPage], Shown, Shown]:
    """How a service shows drafts whose kinds are these: a page, one in it, and one with its texts.
    The words are told and not checked: a draft may be older than a kind that was given up."""
    told: Any = Field(description="What is being typed", json_schema_extra={"enum": [*kinds]})
    within = create_model(
        "DraftSummaryResource",
        __base__=DraftSummaryResource,
        __doc__=DraftSummaryResource.__doc__,
        kind=(str, told),
    )
    whole = create_model(
        "DraftResource", __base__=DraftResource, __doc__=DraftResource.__doc__, kind=(str, told)
    )
    listed: Any = list[within]
    page = create_model("DraftPage", __base__=DraftPage, drafts=(listed, ...))

    def summary(draft: Draft) -> DraftSummaryResource:
        """A draft of the caller's own."""
        return within(**_told(draft))

    def resource(draft: Draft) -> DraftSummaryResource:
        """A draft of the caller's own, with its texts."""
        texts = [DraftTextResource(name=each.name, text=each.text) for each in draft.texts]
        return whole(**_told(draft), texts=texts)

    summary.__annotations__["return"], resource.__annotations__["return"] = within, whole
    return page, summary, resource


def _told(draft: Draft) -> dict[str, Any]:
    return {
        "draft_id": draft.id,
        "kind": draft.kind,
        "about_id": draft.about or None,
        "teacher_id": draft.person or None,
        "begun_at": draft.begun_at,
        "saved_at": draft.saved_at,
        "kept_until": draft.kept_until,
        "version": draft.version,
    }
