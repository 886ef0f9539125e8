"""Answers about shares: what is alike of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.access.sharing.domain import Share, SharePurpose, ShareState
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import Resource


class ShareReaderResource(Resource):
    person_id: str
    person_name: str | None = name_of("person_id")
    read_at: datetime | None


class ShareResource(Acted):
    """To its owner, whom and what of hers a service puts beside it; to nobody else who else may
    read it."""

    audience: list[ShareReaderResource]
    purpose: SharePurpose
    once: bool
    expires_at: datetime
    created_at: datetime
    state: ShareState
    closed_at: datetime | None
    version: int


class ReceivedShareResource(Resource):
    """To one of the audience."""

    purpose: SharePurpose
    once: bool
    expires_at: datetime


def said_of(share: Share) -> Mapping[str, Any]:
    """The fields of a `ShareResource`."""
    read = {each.person: each.at for each in share.readings}
    audience = [
        ShareReaderResource(person_id=each, read_at=read.get(each)) for each in share.audience
    ]
    return {
        "audience": audience,
        "purpose": share.purpose,
        "once": share.once,
        "expires_at": share.expires_at,
        "created_at": share.created_at,
        "state": share.state,
        "closed_at": share.closed_at,
        "version": share.version,
    }


def told_reader(share: Share) -> Mapping[str, Any]:
    """The fields of a `ReceivedShareResource`."""
    return {
        "purpose": share.purpose,
        "once": share.once,
        "expires_at": share.expires_at,
    }
