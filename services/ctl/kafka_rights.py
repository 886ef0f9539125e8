"""`python -m services.ctl.kafka_rights [--check]`: writes in docs/operating.md the commands that
give each user its rights in Kafka, from the registry of services.

`rights` is what there is of it in Python: tests hold the users that the chart asks Strimzi for to
the same. With `--check` nothing is written; exit code 1 says that the page is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.ctl.chart import registry

PAGE = Path(__file__).parents[2] / "docs/operating.md"
WRITES = ("Write", "Describe", "DescribeConfigs")  # the last for the doctor
READS = ("Read", "Describe")
MAKES = ("Create", "Describe")
JOINS = ("Read",)
OPERATOR = "topics"  # whose job is `tandem topics ensure`
_MADE = re.compile(r"(\nOn a Kafka that keeps rights itself.*?\n```\n)(.*?)(```\n)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Right:
    """`operations` on each of `names` (`kind` is topic or group), as Kafka names them; `pattern` is
    its word for how a name is meant, `prefixed` for all that begin so."""

    kind: str
    names: tuple[str, ...]
    operations: tuple[str, ...]
    pattern: str = "literal"


def rights() -> Mapping[str, Sequence[Right]]:
    """The least that each needs: by service, and for who makes the topics (`OPERATOR`)."""
    told = registry()
    found = {name: tuple(_of(name, each, told["looks"])) for name, each in told["services"].items()}
    # of later releases, too: their Job runs before the rights of its release are there
    makes = Right("topic", (told["topicsPrefix"],), MAKES, "prefixed")
    return {**found, OPERATOR: (makes,)}


def _of(name: str, service: Mapping[str, Any], looks: Mapping[str, Any]) -> Iterator[Right]:
    views = service["projectors"].values()
    own = [service["topic"]] if service["topic"] else []  # read, too: partners follow it
    reads = {*own, *(topic for view in views for topic in view["topics"])}
    groups = {view["group"] for view in views}
    if name == looks["service"]:
        reads.add(looks["topic"])
        groups.add(looks["group"])
    yield Right("topic", (*own, looks["topic"]), WRITES)
    yield Right("topic", tuple(sorted(reads)), READS)
    # with a number behind its name where the list of a group's topics has changed
    yield Right("group", tuple(sorted(groups)), JOINS, "prefixed")


def commands() -> Iterator[str]:
    """Each right as an administrator of Kafka gives it, to the user that the chart names."""
    add = "kafka-acls.sh --bootstrap-server $ADMIN --add --allow-principal User:tandem-"
    for user, each in rights().items():
        for right in each:
            parts = [
                f"{add}{user}",
                *(f"--operation {operation}" for operation in right.operations),
                *(f"--{right.kind} {name}" for name in right.names),
                f"--resource-pattern-type {right.pattern}",
            ]
            yield " ".join(parts)


def main(arguments: Sequence[str]) -> int:
    old = PAGE.read_text()
    lines = "".join(f"{each}\n" for each in commands())
    new, places = _MADE.subn(lambda found: f"{found[1]}{lines}{found[3]}", old)
    if places != 1:
        raise ValueError("docs/operating.md does not say where its commands stand")
    if "--check" in arguments:
        if old != new:
            sys.stderr.write(
                "docs/operating.md is out of date: python -m services.ctl.kafka_rights\n"
            )
        return int(old != new)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
