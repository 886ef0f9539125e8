"""Every operation that a device may send late: once it is done, twice it is the same; and when it
was done by the device is kept beside when by the service."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from services.assembly.registry import WRITE_SERVICES
from services.chassis.edge.operation import Late
from tests.support.filled import Filled, unfilled
from tests.support.operations import Route, caller_of, example_body, ids_for, routes

NORTH = "north"
MADE_AT = "2026-10-03T07:30:00Z"  # a Saturday without a network
ROWS = {
    (service, row.name): row
    for service in WRITE_SERVICES
    for table in import_module(f"services.{service}.bootstrap").tables().values()
    for row in table.operations
}
LATE = [
    each
    for each in routes(unfilled())
    if (each.service, each.operation) in ROWS
    and ROWS[each.service, each.operation].late is not None
]


def command(platform: Filled, route: Route, base: int | None, number: int) -> dict[str, Any]:
    ids = platform.ids[NORTH]
    row = ROWS[route.service, route.operation]
    found: dict[str, Any] = {
        "command_id": f"{route.operation}-{number}",
        "operation": route.operation,
        "made_at": MADE_AT,
        "path": {name: ids_for(route.operation, ids)[name] for name in row.asked.path},
    }
    if route.body:
        found["body"] = example_body(platform, route, ids)
    if row.late is not Late.ADDS and row.actions is not None:
        found["base_version"] = base
    return found


async def synced(platform: Filled, route: Route, command: dict[str, Any]) -> dict[str, Any]:
    caller = caller_of(route.operation, NORTH)
    path = f"/{route.service}/v1/sync"
    answer = await platform.ask(caller, "POST", path, {"commands": [command]})
    found: dict[str, Any] = answer.json()["answers"][0]
    return found


# What she has left is hers to see no longer: that she has done so is all that she is told.
LEFT = (
    *("decline_circle", "step_out_circle", "step_out_community_meeting"),
    "hand_over_observation",
    "turn_down_coaching_request",
)
KEYLESS = "end_session_series"  # which is what it is however often it is asked


async def test_each_is_done_once_and_only_on_what_its_device_had() -> None:
    platform = Filled()
    await platform.fill(NORTH)
    assert len(LATE) > 100
    for route in LATE:
        if "?" in caller_of(route.operation, NORTH):
            continue  # of programs, which are no people and have no devices
        base = 10**9
        if ROWS[route.service, route.operation].late is Late.SEEN:
            before = platform.stored()
            old = await synced(platform, route, command(platform, route, 0, 0))
            assert (old["outcome"], old["again"]) == ("conflict", False), old
            assert platform.stored() == before, route
            base = old["version"]
        first = await synced(platform, route, command(platform, route, base, 1))
        assert (first["outcome"], first["problem"]) == ("applied", None), first
        if first["written_version"] is not None:
            times = (first["made_at"], first["written_at"])
            assert times == (MADE_AT, platform.clock.now().isoformat().replace("+00:00", "Z")), (
                route
            )
        before = platform.stored()
        again = await synced(platform, route, command(platform, route, base, 1))
        known = "applied" if route.operation == KEYLESS else "duplicate"
        assert (again["outcome"], again["problem"]) == (known, None), again
        if route.operation not in LEFT:
            told = ("version", "location", "state", "made_at")
            assert [again[each] for each in told] == [first[each] for each in told]
        assert platform.stored() == before, route
