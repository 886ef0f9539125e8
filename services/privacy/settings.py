"""What the privacy service is told by its environment."""

from __future__ import annotations

from services.chassis.settings import ChassisSettings


class Settings(ChassisSettings):
    """Nothing beyond what every service is told."""
