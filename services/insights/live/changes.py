"""The changes that a process has heard of, by their numbers."""

from __future__ import annotations

import secrets


class Changes:
    """`epoch` is another one in every process, and after changes may have been missed."""

    def __init__(self) -> None:
        # 0 stands for a reader who has not got her whole caseload yet
        self.newest = 1
        self.epoch = secrets.token_hex(6)

    def add(self) -> int:
        self.newest += 1
        return self.newest

    def forget(self) -> None:
        self.epoch = secrets.token_hex(6)


def place_of(row_id: str) -> tuple[str, int] | None:
    """District and school year of a row id; None where it is no card's."""
    district, *rest = row_id.split(":")
    return (district, int(rest[1])) if len(rest) == 2 and rest[1].isdecimal() else None
