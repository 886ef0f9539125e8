"""Deny by default, checked when a process starts: no operation without a policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def check_policies(operations: Iterable[str], policies: Mapping[str, object]) -> None:
    """Raises ValueError that lists the operations without an entry in `policies`."""
    missing = sorted(set(operations) - policies.keys())
    if missing:
        raise ValueError(f"operations without a policy: {', '.join(missing)}")
