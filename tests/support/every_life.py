"""All tables of lives (tests/support/lives.py), and what is walked otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.lives_of_banks import OF_BANKS
from tests.support.lives_of_circles import OF_CIRCLES
from tests.support.lives_of_goals import OF_GOALS
from tests.support.lives_of_others import OF_OTHERS
from tests.support.lives_of_programs import OF_PROGRAMS
from tests.support.lives_of_rounds import OF_ROUNDS
from tests.support.operations import HasServices

EVERY_LIFE = (*OF_PROGRAMS, *OF_ROUNDS, *OF_CIRCLES, *OF_GOALS, *OF_BANKS, *OF_OTHERS)

_SIMULATED = "tests/component/test_simulation.py"
_ERASED = "tests/component/test_erasures_simulated.py"
# Where it is held instead: what follows events and time more than what anybody asks in the random
# lives of simulations, what is the same aggregate as that of another service by the table of that,
# and what has one way alone, of an import or a receipt, by tests of its own.
OTHERWISE: Mapping[str, str] = {
    "/observations/v1/shares/{observation_share_id}": "tests/support/lives_of_goals.py",
    "/surveys/v1/administrations/{administration_id}": _SIMULATED,
    "/surveys/v1/shares/{administration_share_id}": "tests/support/lives_of_goals.py",
    "/roster/v1/imports/{import_id}": "tests/component/roster/test_roster_jobs.py",
    "/roster/v1/matches/{match_id}": "tests/component/test_merges_simulated.py",
    "/privacy/v1/erasures/{person_id}": _ERASED,
    "/privacy/v1/artifact-erasures/{artifact_erasure_id}": _ERASED,
    "/privacy/v1/receipts/{receipt_id}": "tests/component/privacy/test_receipts.py",
}


def with_states(platform: HasServices) -> Iterator[str]:
    """The paths of what says of itself in which of a few states it is."""
    for service in platform.services.values():
        document: Any = service.app.openapi_schema
        schemas = document["components"]["schemas"]
        for path, methods in document["paths"].items():
            answers = methods.get("get", {}).get("responses", {}).get("200", {})
            shown = answers.get("content", {}).get("application/json", {}).get("schema", {})
            fields = schemas.get(_name(shown), {}).get("properties", {})
            if path.endswith("}") and "state" in fields:
                yield path


def _name(schema: Any) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
