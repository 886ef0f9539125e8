"""What is signed of a data-use policy as the service answers it, and whether its versions hold: as
docs/data-use-policy.md says it, so that nobody need believe the service."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from services.access.privacy_keys import KEY_BYTES
from services.chassis.base64url import decode
from services.chassis.ed25519 import is_signed
from services.privacy.policy.outline import (
    FORMAT,
    Audience,
    LeadersSee,
    PolicyTerms,
    RecordClass,
    Recording,
    Retention,
    canonical,
    digest,
    looser_in,
    needed_of,
)

Policy = Mapping[str, Any]
Named = Mapping[bytes, str]
"""For whom each key signs that is trusted, by its 32 bytes: DISTRICT or REPRESENTATIVE."""

DISTRICT, REPRESENTATIVE = "district", "representative"
FIELDS = (
    "format", "district_id", "number", "before", "statement_id", "statement_sha256", "purposes",
    "audiences", "acknowledge_before_sharing", "leaders_see", "retention", "teacher_first_hours",
    "recording", "representatives_sign",
)  # fmt: skip


MALFORMED = (KeyError, TypeError, ValueError, AttributeError)  # of what is not as it should be


def document(policy: Policy) -> bytes:
    """What is signed. Raises KeyError where the answer lacks some of it."""
    return canonical({name: policy[name] for name in FIELDS})


def words(statement: Mapping[str, Any]) -> str:
    """The hash of a statement's title and text."""
    return digest(f"{statement['title']}\n\n{statement['text']}".encode())


def named_keys(district: Collection[str], representatives: Collection[str]) -> Named:
    """The keys that somebody trusts, given as base64 for URLs. Raises ValueError for what is no key
    and for one that is given as both: nobody signs for two."""
    keys = {_raw(each): DISTRICT for each in district}
    others = {_raw(each): REPRESENTATIVE for each in representatives}
    if keys.keys() & others.keys():
        raise ValueError("one key is given as the district's and as a representative's")
    return {**keys, **others}


def wrong_in(policies: Sequence[Policy], district: str, named: Named | None = None) -> str:
    """What is wrong with the enacted versions of a district, the oldest first; empty where nothing
    is. `named`: the keys that count, and for whom; without any, for whom a key signs is believed as
    it was answered. Raises NotKnown."""
    previous: Policy | None = None
    represented = False  # whether a representative has signed a version yet
    for number, policy in enumerate(policies, 1):
        try:
            wrong = _wrong(policy, number, previous, district, named, represented)
            signed = not wrong and bool(_signers(policy, named)[REPRESENTATIVE])
        except NotKnown:
            raise
        except MALFORMED:
            return f"what was answered as version {number} is no policy"
        if wrong:
            return f"version {number} {wrong}"
        previous, represented = policy, represented or signed
    return ""


def _wrong(
    policy: Policy,
    number: int,
    previous: Policy | None,
    district: str,
    named: Named | None,
    represented: bool,
) -> str:
    if policy["number"] != number or policy["district_id"] != district:
        return "is missing"
    raw, before = document(policy), "" if previous is None else digest(document(previous))
    if policy["before"] != before:
        return "does not follow the one before"
    for each in policy["signatures"]:
        if not is_signed(raw, each["key"], each["signature"]):
            return f"was not signed by the key {each['key']}"
    keys = _signers(policy, named)
    if keys[DISTRICT] & keys[REPRESENTATIVE]:
        return "has a key that signs for two"
    if not keys[DISTRICT]:
        return "was not signed by the district"
    needed = needed_by(policy, previous, represented=represented)
    if len(keys[REPRESENTATIVE]) < needed:
        return f"was signed by fewer representatives than {needed}"
    return ""


def _signers(policy: Policy, named: Named | None) -> Mapping[str, set[bytes]]:
    """The keys that have signed, each once however it is spelled and however often it is listed."""
    found: dict[str, set[bytes]] = {DISTRICT: set(), REPRESENTATIVE: set()}
    for each in policy["signatures"]:
        key = decode(each["key"])
        signer = named.get(key, "") if named else each["signer"]
        if signer in found:
            found[signer].add(key)
    return found


def _raw(key: str) -> bytes:
    """Raises ValueError for what is no public key."""
    raw = decode(key)
    if len(raw) != KEY_BYTES:
        raise ValueError(f"{key} is no public key of Ed25519: 32 bytes as base64 for URLs")
    return raw


class NotKnown(ValueError):
    """A newer build has written it."""


def is_represented(policies: Sequence[Policy]) -> bool:
    """Whether a representative has signed one of these, as they were answered."""
    signatures = [each for policy in policies for each in policy["signatures"]]
    return any(each["signer"] == REPRESENTATIVE for each in signatures)


def loosened_in(policy: Policy, previous: Policy | None) -> Sequence[str]:
    """By which terms it is looser than the version before. Raises NotKnown."""
    terms = _terms(policy)
    return looser_in(terms, _terms(previous)) if previous is not None else ()


def needed_by(policy: Policy, previous: Policy | None, *, represented: bool) -> int:
    """How many representatives have to sign it. `represented`: one has signed any version before
    it. Raises NotKnown."""
    before = _terms(previous) if previous is not None else None
    reworded = previous is not None and policy["statement_sha256"] != previous["statement_sha256"]
    return needed_of(_terms(policy), before, reworded=reworded, represented=represented)


def _terms(policy: Policy) -> PolicyTerms:
    """Raises NotKnown."""
    if policy["format"] != FORMAT:
        raise NotKnown(policy["format"])
    return PolicyTerms(
        purposes=tuple(policy["purposes"]),
        audiences=tuple(_word(Audience, each) for each in policy["audiences"]),
        acknowledge_before_sharing=policy["acknowledge_before_sharing"],
        leaders_see=_word(LeadersSee, policy["leaders_see"]),
        retention=tuple(
            Retention(_word(RecordClass, each["record"]), each["days"])
            for each in policy["retention"]
        ),
        teacher_first_hours=policy["teacher_first_hours"],
        recording=_word(Recording, policy["recording"]),
        representatives_sign=policy["representatives_sign"],
    )


W = TypeVar("W", bound=enum.StrEnum)


def _word(words: type[W], said: Any) -> W:
    """Raises TypeError for what is no word, and NotKnown for one that this build does not know."""
    if not isinstance(said, str):
        raise TypeError(said)
    try:
        return words(said)
    except ValueError:
        raise NotKnown(said) from None
