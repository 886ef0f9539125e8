"""What an operation says of its refusals: each code that it answers is there, with its status."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from services.assembly.codes import refusals
from services.chassis.edge.errors import answer_of
from services.chassis.kernel import Fault
from services.ctl import operation_codes
from services.ctl.docs_errors import ROOT, codes, made
from tests.support.golden import FOLDER
from tests.support.platform import BOOTSTRAPS, Platform

WHO = re.compile(r"(\w+): [^:]*: (\d+) (\w+)")
EXCHANGE = re.compile(r"(\w+): .* -> (\d+) (\w+)(?=[;\n])")
# Over gRPC alone, or told of duties, of an import that has failed, or by the command that pulls.
NOT_HERE = """etag malformed_id malformed_message malformed_type request_id slow_reader token_ended
    too_long too_many_begin position_lost log_unavailable not_known_yet
    file_gone settings_changed import_running
    source_incomplete source_not_json source_not_oneroster source_redirects source_refuses
    source_repeats source_secret source_too_large source_unavailable""".split()

MAKERS = ("invalid", "conflict", "forbidden", "Bound", "WrongDates", "Hindrance")
TOLD_ON = {
    "access/fair_share.py hers",  # what makes a `FairShare` says it
    "access/fair_share.py {**hers, self.author: author}",
    "calendar/cases.py wrong.code",
    "match/deciding.py fault.code",
    "oneroster/lines.py code",
    "oneroster/manifest.py code",
    "oneroster/table.py code",
    "relationship/cases.py hindrance.code",
    "relationship/handing_over.py hindrance.code",
    "tree/cases.py fault.code",
    "write/quota.py self.code",
}


def test_the_file_is_up_to_date() -> None:
    """By a process of its own: it finds what a service has loaded, and tests load more."""
    command = [sys.executable, "-m", "services.ctl.operation_codes", "--check"]
    assert subprocess.run(command, check=False).returncode == 0, " ".join(command[1:])


def test_every_code_stands_where_its_fault_is_made() -> None:
    """Else no document and no page would tell it: what is put together while it runs, nobody reads.
    A fault that was made elsewhere is told on."""
    unread = set()
    for path in (ROOT / "services").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        named = [each for each in nodes if isinstance(each, ast.Assign)]
        calls = [each for each in nodes if isinstance(each, ast.Call)]
        for each in calls:
            if ast.unparse(each.func) in MAKERS and not any(made(each, named)):
                unread.add(f"{path.parent.name}/{path.name} {ast.unparse(each.args[0])}")
    assert unread == TOLD_ON


def answered() -> Iterator[tuple[str, str, str]]:
    """Operation, status and code of every refusal among the examples."""
    for path in sorted((FOLDER / "who_may").glob("*.txt")):
        yield from WHO.findall(path.read_text())
    for path in sorted((FOLDER / "exchanges").glob("*.rest.txt")):
        yield from EXCHANGE.findall(path.read_text() + "\n")


def test_what_the_examples_are_refused_with_is_told() -> None:
    found = {each for each in answered() if int(each[1]) >= 400}
    assert len(found) > 400
    untold = {each for each in found if each[2] not in refusals()[each[0]].get(each[1], ())}
    assert not untold


def test_every_code_is_told_of_some_operation_by_its_status() -> None:
    told = {
        (status, code)
        for by_status in refusals().values()
        for status, known in by_status.items()
        for code in known
    }
    stated = {
        (str(answer_of(Fault(kind, code)).status), code)
        for kind, known in codes().items()
        for code in known
    }
    assert {code for _, code in stated} - {*NOT_HERE} <= {code for _, code in told}
    anew = {("409", code) for known in operation_codes.TOLD_ANEW.values() for code in known}
    assert told <= stated | anew | {operation_codes.UNFIT}


@pytest.mark.parametrize("service", BOOTSTRAPS)
def test_the_document_has_them_and_no_other_status(service: str) -> None:
    document: Any = Platform().services[service].app.openapi_schema
    for methods in document["paths"].values():
        for operation in methods.values():
            shown = {}
            for status, response in operation["responses"].items():
                if status >= "4":
                    (media,) = response["content"].values()
                    whole, narrowed = media["schema"]["allOf"]
                    assert whole == {"$ref": "#/components/schemas/Problem"}
                    shown[status] = narrowed["properties"]["code"]["enum"]
            assert shown == refusals()[operation["operationId"]]
