"""How services are put together."""

from __future__ import annotations

from services.access.write_service import BESIDE_AN_API
from tests.support.platform import BOOTSTRAPS, Platform


def test_access_projectors_take_small_bursts_for_they_stand_beside_an_api() -> None:
    bursts = {
        each.projection.group: each.limits.burst
        for service in Platform().services.values()
        for each in service.projectors
        if each.projection.group.endswith("-access")
    }
    assert bursts == {f"{name}-access": BESIDE_AN_API.burst for name in BOOTSTRAPS}
