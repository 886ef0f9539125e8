"""Every route against its own OpenAPI document: what schemathesis makes of the schemas is
answered with a status, a content type and a body that the document declares, and with success
for nobody without a token where the document asks for one.

SCHEMATHESIS_EXAMPLES (10) is how many requests a route gets in each mode; `make fuzz` sends more.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.filled import Filled, unfilled
from tests.support.operations import Ids, Route, caller_of, example_body, ids_for, routes
from tests.support.small_district import roster_zip

NORTH = "north"
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "10"))
STREAMS = 2  # an endless answer is given up after a while
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
ROUTES = list(routes(unfilled()))
OTHERS = ("coach-01", "teacher-0001", "admin-01", "leader-01")
ZIPS = (roster_zip(NORTH), b"", b"PK\x05\x06" + b"\0" * 18, b"\0" * 100)


@schemathesis.serializer("application/zip")
def zip_serializer(context: Any, value: Any) -> Any:
    """A good zip or a bad one, whatever was generated."""
    return ZIPS[len(str(value)) % len(ZIPS)]


@pytest.fixture(scope="module")
async def platform() -> Filled:
    """Shared: what one route changes is there for the next."""
    made = Filled()
    await made.fill(NORTH)
    return made


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("route", ROUTES, ids=lambda each: each.operation)
def test_a_route_keeps_to_its_document(platform: Filled, route: Route, mode: Any) -> None:
    assert kept(platform, route, mode, EXAMPLES, 20261005)


def kept(
    platform: Filled, route: Route, mode: GenerationMode, examples: int, chosen: int
) -> Counter[int]:
    """The statuses of the answers, all of which were as the document says. Raises otherwise."""
    operation = schema_of(platform, route.service)[route.template][route.method]
    ids = platform.ids[NORTH]
    good = example_body(platform, route, ids) if route.body else None
    most = STREAMS if route.operation == "watch_caseload" else examples
    statuses: Counter[int] = Counter()

    @seed(chosen)
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        real=st.booleans(),
        other=st.sampled_from(["", "", "", *OTHERS]),
    )
    def check(case: Any, real: bool, other: str) -> None:
        if real:
            _make_real(case, ids_for(route.operation, ids), good)
        token = f"{NORTH}/{other}" if other else caller_of(route.operation, NORTH)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = case.call(headers=headers)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS, headers=headers)

    check()
    return statuses


@cache
def schema_of(platform: Filled, service: str) -> Any:
    app = platform.services[service].app
    return schemathesis.openapi.from_asgi(f"/{service}/openapi.json", app)


def _make_real(case: Any, ids: Ids, good: Any) -> None:
    """Ids of things that exist, so that the request gets further than to a 404."""
    for part in (case.path_parameters, case.query):
        for name in part or {}:
            if name in ids:
                part[name] = ids[name]
    if isinstance(case.body, dict) and isinstance(good, dict):
        for name, value in good.items():
            if name.endswith("_id") or isinstance(value, list):
                case.body[name] = value
