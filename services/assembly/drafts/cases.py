"""What a person does with her drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access import merges
from services.access.guarded import About, GuardedReads
from services.access.profile import People
from services.chassis.call import Call, caller_of
from services.chassis.fields import Body, Code, Id
from services.chassis.kernel import Clock, conflict, invalid, not_found
from services.chassis.write.drafts import (
    EACH,
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_TEXTS,
    Draft,
    Drafts,
    DraftText,
    ErasedDraft,
    TooManyDrafts,
)
from services.chassis.write.loading import Found

_TEXT = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]
_PLACE = "/draft_id"


@dataclass(frozen=True, slots=True)
class Ports:
    drafts: Drafts
    guard: GuardedReads
    people: People
    clock: Clock


class TextOfDraft(Body):
    name: Code = Field(
        examples=["statement"], description="Which field of the page, as the page calls it"
    )
    text: _TEXT = Field(
        examples=["More students explain their"], description="What was typed so far; may be empty"
    )


class SaveDraft(Body):
    """`kind` is narrowed to a service's own words where it is served."""

    kind: Code = Field(description="What is being typed")
    about_id: Id | None = None
    teacher_id: Id | None = Field(
        default=None, description="Whom it is about: with what is hers it is erased"
    )
    texts: list[TextOfDraft] = Field(
        max_length=MOST_TEXTS,
        description=f"Each field once, together at most {MOST_BYTES} bytes in UTF-8",
    )


async def save_draft(ports: Ports, call: Call, draft_id: Id, asked: SaveDraft) -> Draft:
    """Keep what the caller is typing, in place of what she has under this id.

    The id is the caller's choice, as a UUID or the id of what she types for. With the version that
    she saw it is refused where another device has saved since; without it the last save wins. What
    was erased on order stays so: something new has another id."""

    async def save() -> Draft:
        now, said = ports.clock.now(), asked.teacher_id or ""
        person = await merges.kept_of(ports.people, call.district, said) if said else ""
        draft = Draft(
            district=call.district,
            author=caller_of(call, _PLACE),
            id=draft_id,
            kind=asked.kind,
            about=asked.about_id or "",
            person=person,
            person_before=said if said != person else "",
            texts=_checked(asked.texts),
            begun_at=now,
            saved_at=now,
        )
        try:
            return await ports.drafts.save(draft, call.if_match)
        except TooManyDrafts:
            raise conflict("too_many_drafts", f"You have {EACH} here: delete one.") from None
        except ErasedDraft:
            detail = "What was typed here was erased on order: what is new needs another id."
            raise conflict("draft_erased", detail) from None

    return await ports.guard.one(call, About(), save)


async def get_draft(ports: Ports, call: Call, draft_id: Id) -> Draft:
    """What the caller was typing, wherever she typed it. Nobody else's is ever found."""

    async def read() -> Draft:
        return _there(await ports.drafts.get(call.district, caller_of(call, _PLACE), draft_id))

    return await ports.guard.one(call, About(), read)


async def delete_draft(ports: Ports, call: Call, draft_id: Id) -> Draft:
    """Throw away what was typed, as after it was sent; it is told once more."""

    async def delete() -> Draft:
        author = caller_of(call, _PLACE)
        return _there(await ports.drafts.delete(call.district, author, draft_id, call.if_match))

    return await ports.guard.one(call, About(), delete)


async def list_drafts(
    ports: Ports,
    call: Call,
    *,
    kind: Code | None = None,
    about_id: Id | None = None,
    after: str,
    limit: int,
) -> Found[Draft]:
    """The caller's own drafts without their texts, those first that were saved last."""

    async def read() -> Found[Draft]:
        author = caller_of(call, _PLACE)
        drafts = ports.drafts
        page = await drafts.find(call.district, author, kind, about_id, after, limit)
        return Found(page.drafts, page.after, page.left_out)

    return await ports.guard.one(call, About(), read)


def _there(draft: Draft | None) -> Draft:
    if draft is None:
        raise not_found()
    return draft


def _checked(texts: list[TextOfDraft]) -> tuple[DraftText, ...]:
    """Raises Fault INVALID for a name that comes twice, and for too much text."""
    names: set[str] = set()
    size = 0
    for number, each in enumerate(texts):
        if each.name in names:
            raise invalid("named_twice", "Each field is named once.", f"/texts/{number}/name")
        names.add(each.name)
        size += len(each.name.encode()) + len(each.text.encode())
    if size > MOST_BYTES:
        raise invalid("too_long", f"A draft has at most {MOST_BYTES} bytes of text.", "/texts")
    return tuple(DraftText(each.name, each.text) for each in texts)
