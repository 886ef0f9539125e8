"""Examples below the help of commands: lines to be pasted beside a local stack."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """What a command's `epilog` is to be. Each line is a whole command."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
