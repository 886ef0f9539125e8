"""Answers about shares: what is alike of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from services.access.sharing.domain import Share, SharePurpose, ShareState
from services.access.sharing.warnings import RULE_VERSION, ShareWarning, Warned
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import Resource


class ShareReaderResource(Resource):
    person_id: str
    person_name: str | None = name_of("person_id")
    read_at: datetime | None
    left: bool = Field(
        description="Of an open share: whether she is not in the roster any more, and reads nothing"
    )


class ShareFindingResource(Resource):
    """Why the owner of an open share is warned (F19)."""

    warning: ShareWarning = Field(description="One of `warnings`")
    rule_version: int = Field(description="The version of the rule by which it is so")
    evidence_ids: list[str] = Field(
        description="What it follows from: the share, then who has left, the meeting or the "
        "statement"
    )


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
    warnings: list[ShareWarning] = Field(description="What its owner is warned of (F19)")
    findings: list[ShareFindingResource] = Field(description="Why, one for each of `warnings`")
    version: int


class ReceivedShareResource(Resource):
    """To one of the audience."""

    purpose: SharePurpose
    once: bool
    expires_at: datetime


def said_of(share: Share, told: Warned) -> Mapping[str, Any]:
    """The fields of a `ShareResource`."""
    read = {each.person: each.at for each in share.readings}
    audience = [
        ShareReaderResource(person_id=each, read_at=read.get(each), left=each in told.left)
        for each in share.audience
    ]
    return {
        "audience": audience,
        "purpose": share.purpose,
        "once": share.once,
        "expires_at": share.expires_at,
        "created_at": share.created_at,
        "state": share.state,
        "closed_at": share.closed_at,
        "warnings": list(told.warnings),
        "findings": [
            ShareFindingResource(
                warning=each, rule_version=RULE_VERSION, evidence_ids=[share.id, *evidence]
            )
            for each, evidence in told.warnings.items()
        ],
        "version": share.version,
    }


def told_reader(share: Share) -> Mapping[str, Any]:
    """The fields of a `ReceivedShareResource`."""
    return {
        "purpose": share.purpose,
        "once": share.once,
        "expires_at": share.expires_at,
    }
