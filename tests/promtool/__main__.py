"""`python -m tests.promtool`: unless there is a promtool, that of Debian's package `prometheus`,
into .venv/promtool: downloaded by apt and unpacked, not installed. Exit code 1 where it cannot be
had."""

from __future__ import annotations

import sys

from tests.support.fetching import Missing, from_debian
from tests.support.promtool import HOME, UNPACKED, promtool


def main() -> int:
    try:
        from_debian("prometheus", str(UNPACKED.relative_to(HOME)), UNPACKED)
    except Missing:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(0 if promtool() else main())
