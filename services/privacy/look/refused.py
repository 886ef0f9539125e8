"""What anybody of the district may know: how often coaching data was asked for to another end."""

from __future__ import annotations

from services.access.guarded import About
from services.chassis.call import Call
from services.privacy.look.cases import Ports
from services.privacy.look.resources import RefusedPurposeResource, RefusedPurposesResource


async def summarize_refused_purposes(ports: Ports, call: Call) -> RefusedPurposesResource:
    """How often coaching data was asked for to evaluate, or for whatever else it does not serve.

    By purpose and school year, for everybody in the roster; all of it was refused."""

    async def read() -> RefusedPurposesResource:
        counts = await ports.looks.counts(call.district)
        return RefusedPurposesResource(
            refused=[
                RefusedPurposeResource(purpose=purpose, school_year=year, times=times)
                for purpose, years in sorted(counts.items())
                for year, times in sorted(years.items())
            ]
        )

    return await ports.reads.one(call, About(), read)
