"""What is signed of a data-use policy as the service answers it, and whether its versions hold: as
docs/data-use-policy.md says it, so that nobody need believe the service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from services.chassis.ed25519 import is_signed
from services.privacy.policy.outline import (
    Audience,
    LeadersSee,
    PolicyTerms,
    RecordClass,
    Recording,
    Retention,
    canonical,
    digest,
    looser_in,
)

Policy = Mapping[str, Any]
FIELDS = (
    "format", "district_id", "number", "before", "statement_id", "statement_sha256", "purposes",
    "audiences", "acknowledge_before_sharing", "leaders_see", "retention", "teacher_first_hours",
    "recording", "representatives_sign",
)  # fmt: skip


def document(policy: Policy) -> bytes:
    """What is signed. Raises KeyError where the answer lacks some of it."""
    return canonical({name: policy[name] for name in FIELDS})


def words(statement: Mapping[str, Any]) -> str:
    """The hash of a statement's title and text."""
    return digest(f"{statement['title']}\n\n{statement['text']}".encode())


def wrong_in(policies: Sequence[Policy], district: str, trusted: Collection[str] = ()) -> str:
    """What is wrong with the enacted versions of a district, the oldest first; empty where nothing
    is. `trusted`: the keys whose signatures count; without any all do that are right."""
    previous: Policy | None = None
    for number, policy in enumerate(policies, 1):
        said = f"version {number}"
        if policy["number"] != number or policy["district_id"] != district:
            return f"{said} is missing"
        raw, before = document(policy), "" if previous is None else digest(document(previous))
        if policy["before"] != before:
            return f"{said} does not follow the one before"
        signers = []
        for each in policy["signatures"]:
            if not is_signed(raw, each["key"], each["signature"]):
                return f"{said} was not signed by the key {each['key']}"
            if not trusted or each["key"] in trusted:
                signers.append(each["signer"])
        if "district" not in signers:
            return f"{said} was not signed by the district"
        needed = _needed(policy, previous)
        if signers.count("representative") < needed:
            return f"{said} was signed by fewer representatives than {needed}"
        previous = policy
    return ""


def _needed(policy: Policy, previous: Policy | None) -> int:
    terms = _terms(policy)
    if previous is None:
        return terms.representatives_sign
    before = _terms(previous)
    asked = max(terms.representatives_sign, before.representatives_sign)
    return max(asked, 1) if looser_in(terms, before) else asked


def _terms(policy: Policy) -> PolicyTerms:
    return PolicyTerms(
        purposes=tuple(policy["purposes"]),
        audiences=tuple(Audience(each) for each in policy["audiences"]),
        acknowledge_before_sharing=policy["acknowledge_before_sharing"],
        leaders_see=LeadersSee(policy["leaders_see"]),
        retention=tuple(
            Retention(RecordClass(each["record"]), each["days"]) for each in policy["retention"]
        ),
        teacher_first_hours=policy["teacher_first_hours"],
        recording=Recording(policy["recording"]),
        representatives_sign=policy["representatives_sign"],
    )
