"""With which codes each operation may refuse, as `services.ctl.operation_codes` has found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import orjson

Codes = Mapping[str, Mapping[str, Sequence[str]]]


@cache
def refusals() -> Codes:
    """Operation -> status -> codes."""
    found: Any = orjson.loads(resources.files(__package__).joinpath("codes.json").read_bytes())
    known: Codes = found
    return known
