"""How often somebody may ask, as an operator says it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Rate(BaseModel):
    """So many requests at once, and so many more with each second that goes by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: int = Field(ge=1, le=100_000)
    burst: int = Field(ge=1, le=1_000_000)


class Rates(BaseModel):
    """Of one process. `person` and `partner`: each of them, by her token; `bulk`: the same ones'
    imports, journals and long lists, which have a bucket of their own; `address`: all at one
    address who have no token. The usual ones are far above what honest use comes to: a house of
    1,500 people, all behind one address, who each ask twice at the same moment, are 3,000."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: Rate = Rate(per_second=100, burst=5_000)
    partner: Rate = Rate(per_second=200, burst=10_000)
    bulk: Rate = Rate(per_second=50, burst=2_500)
    address: Rate = Rate(per_second=200, burst=10_000)
