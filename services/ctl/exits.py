"""How a `tandem` command ends: its exit codes, and the one line that says why."""

from __future__ import annotations

import enum


class Code(enum.IntEnum):
    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    NOT_FOUND = 5
    CANNOT_RUN = 6
    PROBLEMS = 7
    INTERRUPTED = 130


MEANINGS = {
    Code.OK: "done",
    Code.UNEXPECTED: "an error that nobody foresaw",
    Code.USAGE: "the command line is wrong",
    Code.UNREACHABLE: "a service, Kafka or MongoDB cannot be reached",
    Code.REFUSED: "the service refused; its code and reason are printed",
    Code.NOT_FOUND: "what you named does not exist, or no local stack is running",
    Code.CANNOT_RUN: "the local stack cannot start, or a part of it ended",
    Code.PROBLEMS: "done in part or not at all; what is wrong is listed",
    Code.INTERRUPTED: "interrupted",
}


class Stop(Exception):
    """Ends the command with `code` and one line on stderr."""

    def __init__(self, code: Code, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = " ".join(line.split())


class Refused(Stop):
    """A service answered with a problem. `problem` is its `code`."""

    def __init__(self, status: int, problem: str, detail: str) -> None:
        code = Code.NOT_FOUND if status == 404 else Code.REFUSED
        super().__init__(code, f"{problem}: {detail}" if detail else problem)
        self.status = status
        self.problem = problem


def table() -> str:
    """The exit codes for `tandem --help`."""
    return "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())
