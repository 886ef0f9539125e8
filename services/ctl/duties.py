"""Which duties the services have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.chassis.duties.duty import Duty
from services.ctl.local.ensure import bootstrap_of


def duties_of(service: str) -> Sequence[Duty[Any]]:
    """Those of one of `registry.WITH_DUTIES`."""
    return [duty for each in bootstrap_of(service).DUTIES for duty in each.duties]
