"""What the write side stores, the readers of the log can read: asked of their own code."""

from __future__ import annotations

from services.chassis.kernel import invalid
from services.chassis.log.envelope import PendingEvent, Unreadable, headers_of, open_envelope


def check_readable(event: PendingEvent, district: str, aggregate_id: str) -> None:
    """Raises Fault INVALID `not_publishable` for an event whose records their readers would
    refuse for ever. About 5 microseconds a key."""
    try:
        for key in event.keys:
            headers = headers_of(
                event, source="/", district=district, aggregate_id=aggregate_id, key=key
            )
            open_envelope(headers, key.encode())
    except Unreadable as error:
        raise invalid("not_publishable", f"No reader could take this up: {error}.") from None
    except UnicodeEncodeError:
        raise invalid("not_publishable", "No reader could take this up: not all is text.") from None
