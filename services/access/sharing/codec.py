"""Shares: between the domain, the stored state and what each service publishes of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from services.access.sharing.domain import (
    MeetingShareEvent,
    Share,
    ShareEvent,
    SharePurpose,
    ShareState,
)
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, Upcaster, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent


def share_codec(
    noun: str,
    published: FileDescriptor,
    snapshot: type[Message],
    upcasters: Sequence[Upcaster] = (),
) -> AggregateCodec[Share]:
    """`noun`, such as `goal`: `published` has a message `GoalShareCreated` and its like of each
    event, with a `share` of the kind of `snapshot`, which has the ids `goal_share_id` and
    `goal_id`, and the enums `SharePurpose` and `ShareState`; what may be shared with those who are
    at a meeting has `community_meeting_id`, and `GoalShareCalledOff`, too. `upcasters`: of shares
    that were stored before, such as `moved_alone`."""
    enums = published.enum_types_by_name
    purposes = numbers_of(SharePurpose, enums["SharePurpose"])
    states = numbers_of(ShareState, enums["ShareState"])
    with_meetings = "community_meeting_id" in snapshot.DESCRIPTOR.fields_by_name
    kinds = (ShareEvent, Last, *((MeetingShareEvent,) if with_meetings else ()))
    messages = messages_of(published, f"{noun.title()}Share", *kinds)

    def said(share: Share) -> Message:
        return snapshot(
            **{f"{noun}_share_id": share.id, f"{noun}_id": share.artifact},
            teacher_id=share.teacher,
            audience_ids=share.audience,
            purpose=purposes[share.purpose],
            once=share.once,
            expires_at=stamp(share.expires_at),
            created_at=stamp(share.created_at),
            state=states[share.state],
            closed_at=stamp(share.closed_at),
            read_by_ids=[each.person for each in share.readings],
            transferred_from_id=share.transferred_from,
            **({"community_meeting_id": share.meeting} if with_meetings else {}),
        )

    def only_id(share: Share) -> Message:
        return snapshot(**{f"{noun}_share_id": share.id})

    encode = partial(_encode, messages, said, only_id)
    return AggregateCodec(f"{noun}_share", Share, encode, upcasters)


def moved_alone(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says of who moved whether she was in the audience by both ids."""
    return {**state, "moved": [{**each, "both": False} for each in state["moved"]]}


def without_meeting(state: dict[str, Any]) -> dict[str, Any]:
    """The next schema says with whom it is shared at a meeting."""
    return {**state, "meeting": ""}


def none_called_off(state: dict[str, Any]) -> dict[str, Any]:
    """The next schema knows the state of one whose meeting was called off; an older build must not
    write over it."""
    return state


def _encode(
    messages: dict[Any, Any],
    said: Callable[[Share], Message],
    only_id: Callable[[Share], Message],
    share: Share,
    event: ShareEvent | MeetingShareEvent | Last,
) -> EncodedEvent:
    """By the owner's key alone: readers are named in it (`audience_ids`, `read_by_ids`), and nobody
    finds a share by them but the service itself."""
    last = event is Last.ERASED
    gave = (share.transferred_from,) if share.transferred_from else ()
    left = gave if last or event is ShareEvent.TRANSFERRED else ()
    message = messages[event](share=only_id(share) if last else said(share))
    return encoded(message, keys_about(share.district, share.teacher, left=left))
