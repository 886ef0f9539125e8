"""What the roster service is told by its environment, beyond what every service is."""

from __future__ import annotations

from pydantic import Field

from services.chassis.settings import ChassisSettings


class Settings(ChassisSettings):
    """`roster_removal_share`: of each noun's active records, how many one import may remove
    where that is not allowed by whoever sends it, 0 to 1."""

    roster_removal_share: float = Field(default=0.1, ge=0, le=1)
