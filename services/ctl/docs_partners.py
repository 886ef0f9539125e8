"""`python -m services.ctl.docs_partners [--check]`: writes the tables of docs/partners.md, which
say what each scope opens, from the policies. The rest of the page is written by hand.

With `--check` nothing is written; exit code 1 says that the page is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from coaching.journal.v1 import journal_pb2
from services.access.policy import SCOPES, Policy
from services.assembly.api import JOURNAL_POLICIES
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.chassis.edge.grpc_call import operation_of

PAGE = Path(__file__).parents[2] / "docs/partners.md"
_MADE = re.compile(r"(\n## What a scope opens\n.*?\n\n)\|.*\|(\n\n)(?=REST)", re.DOTALL)


def rpcs() -> Iterator[tuple[str, str, str, Policy]]:
    """Service, RPC, its full name and its policy, of all services in their order."""
    for name in SERVICES:
        for table in import_module(f"services.{name}.bootstrap").tables().values():
            for method in table.rpc.methods:
                policy = table.policies[operation_of(method.name)]
                yield name, method.name, f"{table.rpc.name}.{method.name}", policy


def tables() -> str:
    """What the scopes open, and what none of them opens."""
    scopes = sorted(SCOPES)
    lines = [f"| RPC | {' | '.join(f'`{each}`' for each in scopes)} |", "| --- " * 4 + "|"]
    refused = dict.fromkeys(SERVICES, "")
    for service, rpc, full, policy in rpcs():
        if policy.scopes:
            lines.append(_row(f"{service}: `{full}`", policy, scopes))
        elif not policy.anonymous:
            refused[service] += f"`{rpc}` "
    (journal,) = journal_pb2.DESCRIPTOR.services_by_name.values()
    of = ", ".join(WRITE_SERVICES)
    for method in journal.methods:
        policy = JOURNAL_POLICIES[operation_of(method.name)]
        lines.append(_row(f"{of}: `{journal.name}.{method.name}`", policy, scopes))
    lines += ["", "No scope opens any of these:", "", "| service | RPCs |", "| --- | --- |"]
    lines += [
        f"| {service} | {', '.join(sorted(names.split()))} |"
        for service, names in refused.items()
        if names
    ]
    return "\n".join(lines)


def _row(what: str, policy: Policy, scopes: list[str]) -> str:
    cells = ("yes" if each in policy.scopes else "" for each in scopes)
    return f"| {what} | {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    old = PAGE.read_text()
    new, places = _MADE.subn(lambda found: f"{found[1]}{tables()}{found[2]}", old)
    if places != 1:
        raise ValueError("docs/partners.md does not say where its tables stand")
    if "--check" in arguments:
        if old != new:
            told = "docs/partners.md is out of date: python -m services.ctl.docs_partners\n"
            sys.stderr.write(told)
        return int(old != new)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
