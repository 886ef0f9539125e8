"""What the surveys service is told by its environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.chassis.settings import ChassisSettings
from services.surveys.domain.small_n import DEFAULT, LOWEST


class Settings(ChassisSettings):
    """SMALL_N_BY_DISTRICT: a JSON object from district to its smallest group, 5 to 10; a
    district that is not named has 10."""

    small_n_by_district: dict[str, Annotated[int, Field(ge=LOWEST, le=DEFAULT)]] = {}
