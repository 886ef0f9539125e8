"""What the insights service is told beyond what every service is."""

from __future__ import annotations

from pydantic import Field

from services.chassis.settings import ChassisSettings


class Settings(ChassisSettings):
    stale_after_seconds: int = Field(default=25, ge=5)
    max_live_streams: int = Field(default=1_000, ge=1)  # in this process
    live_mailbox: int = Field(default=256, ge=8)  # messages that may wait for one reader
