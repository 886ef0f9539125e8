"""The name of the view of to-dos: apart from what it is made of, so that who only names it loads
nothing."""

from __future__ import annotations


def duties_view(service: str) -> str:
    """That of a service, and of the consumer group that makes it."""
    return f"{service}-duties"
