"""`python -m services.ctl.operation_codes [--check]`: writes services/assembly/codes.json, which
says of each operation with which codes it may refuse, by status, as its OpenAPI document tells it.

What its own rules say is found in the code; what holds for all of a shape stands here. With
`--check` nothing is written; exit code 1 says that the file is out of date.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from services.assembly.registry import SERVICES
from services.chassis.edge.errors import answer_of
from services.chassis.edge.http_call import ticketed_caller
from services.chassis.edge.http_strict import StrictRoute
from services.chassis.edge.operation import Operation
from services.chassis.fields import PageResource
from services.chassis.kernel import Fault, Kind
from services.ctl.codes_found import Found, codes_of, said_in
from services.ctl.docs_errors import codes

FILE = Path(__file__).parents[1] / "assembly/codes.json"
Codes = Mapping[str, Mapping[str, list[str]]]

EVERY = """malformed_header too_many_at_once too_many_requests overloaded deadline store_unavailable
    needs_upgrade state_unreadable not_found unknown_parameter""".split()
WITH_TOKEN = """no_token invalid_token other_district purpose_refused issuer_unavailable
    not_a_person""".split()
# Who may, of every operation with a token.
_ASKED = ("access", "decision", "partner_doors", "registered", "trust")
DECIDED = tuple(f"services.access.{each}" for each in _ASKED)
PAGED = ["page_token"]
WITHOUT_BODY = ["body_not_taken"]
OF_BYTES = ["too_large", "body_cut_short"]
CHANGE = """malformed_json too_large body_too_slow body_cut_short unsupported_media_type
    control_character duplicate_key refused_key too_deep out_of_range idempotency_key_reused
    contention event_too_large document_too_large state_too_large not_publishable
    outbox_full outcome_unknown""".split()
CREATE = ["if_match_on_create", "already_exists"]
STALE = ["stale_version"]
VERSIONED = ["precondition_required"]
ANONYMOUS = ["district_id"]
WITH_TICKET = ["invalid_ticket", "ticket_beside_token"]
# Told as a conflict where nothing that was asked is wrong: the coach is one no longer.
TOLD_ANEW = {
    "accept_relationship": ["unknown_coach", "not_a_coach", "administrators_may_not_coach"],
    "confirm_match": ["unknown_person"],
}
# Told by the edge, without a fault.
UNFIT = ("422", "invalid_request")


def operation_codes() -> Codes:
    """Operation -> status -> codes, each in order."""
    kinds = {code: kind for kind, known in codes().items() for code in known}
    written: dict[str, dict[str, list[str]]] = {}
    decided = set[tuple[Kind, str]]().union(*map(said_in, DECIDED))
    for name, shape, start in _operations():
        found: Found = {(kinds[code], code) for code in shape} | codes_of(start)
        if not set(ANONYMOUS) <= {*shape}:
            found |= decided
        found |= {(Kind.CONFLICT, code) for code in TOLD_ANEW.get(name, ())}
        by_status = defaultdict(set, {UNFIT[0]: {UNFIT[1]}})
        for kind, code in found:
            by_status[str(answer_of(Fault(kind, code)).status)].add(code)
        written[name] = {status: sorted(by_status[status]) for status in sorted(by_status)}
    return written


def _operations() -> Iterator[tuple[str, list[str], Iterable[object]]]:
    """Each with the codes of its shape, and where its own begin."""
    for service in SERVICES:
        tables = import_module(f"services.{service}.bootstrap").tables()
        routes = {str(each.operation_id): each for each in _routes(service)}
        for table in tables.values():
            for each in table.operations:
                yield each.name, _shape(each), inspect.getclosurevars(each.run).nonlocals.values()
            for name, policy in table.by_hand.items():
                shape = [*EVERY, *(ANONYMOUS if policy.anonymous else WITH_TOKEN)]
                yield name, [*shape, *_written_shape(routes[name])], [routes[name].endpoint]


def _shape(each: Operation[Any, Any]) -> list[str]:
    found = [*EVERY, *WITH_TOKEN]
    if issubclass(each.answer, PageResource):
        found += PAGED
    if each.verb != "GET":
        found += CHANGE
    if each.asked.body is None:
        found += WITHOUT_BODY
    if each.status == 201:
        found += CREATE
    elif each.verb != "GET" and each.actions is not None:  # what is changed has a version
        found += STALE
    if each.versioned:
        found += VERSIONED
    return found


def _written_shape(route: StrictRoute) -> list[str]:
    """Of what is written out; in whatever comes as bytes it looks by itself."""
    callers = {each.call for each in route.dependant.dependencies}
    found = WITH_TICKET if ticketed_caller in callers else []
    if route.body_limit is not None:
        return [*found, *OF_BYTES]
    changes = CHANGE if route.methods != {"GET"} else []
    return [*found, *changes, *(WITHOUT_BODY if route.body_field is None else [])]


def _routes(service: str) -> Iterator[StrictRoute]:
    """What is written out beside the tables. It is looked at, and never asked."""
    package = import_module(f"services.{service}")
    for _, name, _ in walk_packages(package.__path__, f"{package.__name__}."):
        if name.endswith(".operations") and hasattr(module := import_module(name), "routes"):
            yield from module.routes(None).routes


def main(arguments: list[str]) -> int:
    new = json.dumps(operation_codes(), indent=1) + "\n"
    old = FILE.read_text() if FILE.exists() else ""
    if "--check" in arguments:
        if old != new:
            told = "assembly/codes.json is out of date: python -m services.ctl.operation_codes\n"
            sys.stderr.write(told)
        return int(old != new)
    FILE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
