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
from services.access.policy import SCOPES, SUMS, Policy
from services.assembly.api import journal_policies
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.assembly.rooms import policies_of
from services.chassis.edge.grpc_call import operation_of

PAGE = Path(__file__).parents[2] / "docs/partners.md"
_MADE = re.compile(r"(\n## What a scope opens\n.*?\n\n)\|.*\|(\n\n)(?=REST)", re.DOTALL)


def rpcs() -> Iterator[tuple[str, str, str, Policy]]:
    """Service, RPC, its full name and its policy, of all services in their order."""
    for name in SERVICES:
        tables = import_module(f"services.{name}.bootstrap").tables()
        granted = policies_of(tables)
        for table in tables.values():
            for method in table.rpc.methods:
                policy = granted[operation_of(method.name)]
                yield name, method.name, f"{table.rpc.name}.{method.name}", policy
    (journal,) = journal_pb2.DESCRIPTOR.services_by_name.values()
    for name in WRITE_SERVICES:
        granted = journal_policies(name)
        for method in journal.methods:
            policy = granted[operation_of(method.name)]
            yield name, method.name, f"{journal.name}.{method.name}", policy


def tables() -> str:
    """What the scopes open, and what none of them opens."""
    opens: dict[str, list[str]] = {each: [] for each in sorted(SCOPES - SUMS.keys())}
    refused: dict[str, list[str]] = {each: [] for each in SERVICES}
    for service, rpc, full, policy in rpcs():
        for scope in policy.scopes:
            opens[scope].append(f"{service}: `{full}`")
        if not policy.scopes and not policy.anonymous:
            refused[service].append(f"`{rpc}`")
    lines = ["| scope | RPCs that it opens |", "| --- | --- |"]
    lines += [f"| `{scope}` | {', '.join(names)} |" for scope, names in opens.items()]
    lines += ["", "Some scopes stand for several:", "", "| scope | is all of |", "| --- | --- |"]
    lines += [
        f"| `{name}` | {', '.join(f'`{each}`' for each in sorted(parts))} |"
        for name, parts in sorted(SUMS.items())
    ]
    lines += ["", "No scope opens any of these:", "", "| service | RPCs |", "| --- | --- |"]
    lines += [
        f"| {service} | {', '.join(sorted(names))} |" for service, names in refused.items() if names
    ]
    return "\n".join(lines)


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
