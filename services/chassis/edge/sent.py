"""What callers say beside a request, over both transports alike: what it may look like, and what
is made of it. Over HTTP it comes in headers, over gRPC in metadata and fields."""

from __future__ import annotations

import hashlib
import re

from services.chassis.call import Principal, Verifier
from services.chassis.edge.rates import RateLimits
from services.chassis.issuer import DISTRICT_PATTERN
from services.chassis.kernel import Fault, Kind, invalid

KEY_PATTERN = r"[\x21-\x7e]{1,128}"
# a version and, where a reader asked what has changed, a digest of which nothing is asked here
VERSION_PATTERN = r"(0|[1-9][0-9]{0,15})(?:\.[0-9a-f]{18})?"
KEY = re.compile(KEY_PATTERN)
_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DISTRICT = re.compile(DISTRICT_PATTERN)


def token_of(authorization: str) -> str:
    """Empty where it is not one."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def identified(
    authorization: str,
    district: str | bytes | None,
    identity: Verifier,
    limits: RateLimits,
    address: str,
    seen: Principal | None = None,
) -> Principal:
    """Who calls, by the token alone; `seen`: as `identity` has just said. A caller who says which
    `district` a request is for is held to it: a token of another one does not act there. Raises
    Fault UNAUTHENTICATED without a good token, FORBIDDEN, UNAVAILABLE, and LIMITED where `address`
    has shown too many that are not good. One that was good before is never among these."""
    principal = seen
    if principal is None:
        token = token_of(authorization)
        if not token:
            raise Fault(Kind.UNAUTHENTICATED, "no_token", "A bearer token is needed.")
        if not identity.recalls(token):
            limits.check_token(address, token)
        try:
            principal = await identity.verify(token)
        except Fault as fault:
            if fault.kind is Kind.UNAUTHENTICATED:
                limits.token_refused(address, token)
            raise
    if district is not None and district != principal.district:
        detail = f"The token is good for the district {principal.district}, not for the one named."
        raise Fault(Kind.FORBIDDEN, "other_district", detail)
    return principal


def respondent(district: object) -> Principal:
    """Somebody without an account, in the district that the request names. Raises Fault INVALID
    where it names none."""
    if not isinstance(district, str) or not _DISTRICT.fullmatch(district):
        raise invalid("district_id", "The district is missing or malformed.", "/district_id")
    return Principal(district=district)


def correlation_of(said: object) -> str:
    """The caller's own name for what a request belongs to; empty where none of ours."""
    return said if isinstance(said, str) and _CORRELATION.fullmatch(said) else ""


def fingerprint_of(principal: Principal, operation: str, *parts: bytes) -> str:
    """A digest of a request's caller and content: equal requests of one caller have equal
    fingerprints, and nobody is answered with what a key of somebody else's brought about."""
    digest = hashlib.blake2b(operation.encode(), digest_size=16)
    for part in (principal.person.encode(), principal.partner.encode(), *parts):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
