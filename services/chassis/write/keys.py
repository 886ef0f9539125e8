"""Idempotency keys: whose they are, and what they have brought about before."""

from __future__ import annotations

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind
from services.chassis.write.documents import Document, KeyUse


def use_of(call: Call, version: int) -> KeyUse | None:
    """What is to be remembered of a call that makes this version. None without a key, and for
    a caller whom nothing tells from another: it would be everybody's key."""
    caller = call.principal.caller
    if not (call.key and caller):
        return None
    return KeyUse(call.key, call.fingerprint, version, caller)


def earlier_use(document: Document, call: Call) -> KeyUse | None:
    """What this caller has done here under this key. Where no caller was kept, the same
    content says that it was she."""
    caller = call.principal.caller
    if not (call.key and caller):
        return None
    mine = (use for use in document.keys if use.key == call.key and use.caller in ("", caller))
    return next((use for use in mine if use.caller or use.fingerprint == call.fingerprint), None)


def check_same(use: KeyUse, call: Call) -> None:
    """Raises Fault KEY_REUSED where the key came with other content before."""
    if use.fingerprint != call.fingerprint:
        raise Fault(
            Kind.KEY_REUSED, "idempotency_key_reused", "This key was used for another request."
        )
