"""How a `tandem` command ends: its exit codes, and the one line that says why."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
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
    Exit.OK: "done",
    Exit.UNEXPECTED: "an error that nobody foresaw",
    Exit.USAGE: "the command line is wrong",
    Exit.UNREACHABLE: "a service, Kafka or MongoDB cannot be reached",
    Exit.REFUSED: "the service refused; its code and reason are printed",
    Exit.NOT_FOUND: "what you named does not exist, or no local stack is running",
    Exit.CANNOT_RUN: "the local stack cannot start, or a part of it ended",
    Exit.PROBLEMS: "done in part or not at all; what is wrong is listed",
    Exit.INTERRUPTED: "interrupted",
}


class Stop(Exception):
    """Ends the command with `code` and one line on stderr."""

    def __init__(self, code: Exit, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = " ".join(line.split())


class Refused(Stop):
    """A service answered with a problem. `problem` is its `code`, `retry_after` in how many seconds
    it may be asked again, as it says."""

    def __init__(self, status: int, problem: str, detail: str, retry_after: int = 0) -> None:
        code = Exit.NOT_FOUND if status == 404 else Exit.REFUSED
        super().__init__(code, f"{problem}: {detail}" if detail else problem)
        self.status = status
        self.problem = problem
        self.retry_after = retry_after


def table() -> str:
    """The exit codes for `tandem --help`."""
    return "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())
