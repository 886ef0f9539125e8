"""`python -m services.ctl.docs_access [--check]`: writes the tables of docs/access.md, which say
whom each operation lets in, from the policies. The rest of the page is written by hand.

With `--check` nothing is written; exit code 1 says that the page is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from services.access.policy import Policy
from services.assembly.registry import SERVICES
from services.ctl.local.ensure import bootstrap_of

PAGE = Path(__file__).parents[2] / "docs/access.md"
_MADE = re.compile(r"(\n## Whom each operation lets in\n.*?\n\n)###.*\|(\n)", re.DOTALL)
# What a policy grants, in the words of the page, in the order of its columns.
WHO: Mapping[str, str] = {
    "teacher": "the teacher herself",
    "coach": "her coach",
    "peer": "who is of a circle with her",
    "party": "who is named",
    "records_officer": "records officers",
    "shared_with": "with whom it is shared",
    "coaching": "coaches",
    "program_lead": "program leads",
    "staff": "everybody active",
    "district_admin": "administrators",
    "anonymous": "without a token",
}


def tables() -> str:
    """Of each service one: a row for operations that let the same people in."""
    lines: list[str] = []
    for service, rows in _rows().items():
        lines += [f"### {service}", ""]
        lines += [f"| operations | about | {' | '.join(WHO.values())} | partners |"]
        lines += ["| --- " * (len(WHO) + 3) + "|"]
        for policy, operations in rows.items():
            marks = ["yes" if getattr(policy, name) else "" for name in WHO]
            scope = "with the scope" if policy.partners else ""
            names = ", ".join(f"`{each}`" for each in operations)
            lines.append(
                f"| {' | '.join([names, policy.about, *marks, scope])} |".replace("  ", " ")
            )
        lines.append("")
    return "\n".join(lines[:-1])


def _rows() -> Mapping[str, Mapping[Policy, list[str]]]:
    """By service and policy, in the order in which the operations stand in their tables."""
    found: dict[str, dict[Policy, list[str]]] = {service: {} for service in SERVICES}
    for service, rows in found.items():
        for name, policy in bootstrap_of(service).policies().items():
            same = replace(policy, scopes=frozenset())  # which it is, is in docs/partners.md
            rows.setdefault(same, []).append(name)
    return found


def main(arguments: list[str]) -> int:
    old = PAGE.read_text()
    new, places = _MADE.subn(lambda found: f"{found[1]}{tables()}{found[2]}", old)
    if places != 1:
        raise ValueError("docs/access.md does not say where its tables stand")
    if "--check" in arguments:
        if old != new:
            sys.stderr.write("docs/access.md is out of date: python -m services.ctl.docs_access\n")
        return int(old != new)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
