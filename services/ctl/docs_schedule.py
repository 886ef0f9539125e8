"""`python -m services.ctl.docs_schedule [--check]`: writes docs/data-schedule.md, from
`services/assembly/data_schedule.yaml` and, for who sees what, from the policies.

With `--check` nothing is written; exit code 1 says that the page is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from services.access.policy import Policy
from services.assembly.data_schedule import (
    MEANINGS,
    FieldHolds,
    Fields,
    ScheduledKind,
    data_schedule,
    shown_by,
)
from services.ctl.docs_access import WHO
from services.ctl.local.ensure import bootstrap_of

PAGE = Path(__file__).parents[2] / "docs/data-schedule.md"
HEAD = """\
# The data schedule

Made by `python -m services.ctl.docs_schedule` from `services/assembly/data_schedule.yaml`; a test
fails for a field that is stored or published and not here.

For a district's officer, a records officer, a teacher: what Tandem keeps, about whom, what for, how
long, who sees it, and what a [records request](records-officers.md) has of it. How long is what the
code does today: where it says "for good", nothing is deleted by time. No student is in any record.

## What a field holds

| | |
| --- | --- |
"""


def page() -> str:
    schedule = data_schedule()
    lines = [f"| {each} | {MEANINGS[each]} |" for each in FieldHolds]
    lines += ["", "## Records", ""]
    for name, record in schedule.records.items():
        lines += [*_record(name, record), ""]
    lines += ["## Where they stand", "", "By collection, in each service's own database.", ""]
    lines += ["| collection | holds | kept | in a records request |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{n}` | {each.holds} | {each.kept} | {each.request} |"
        for n, each in schedule.stores.items()
    ]
    lines += ["", "## By what no record is found", ""]
    lines += ["Fields that name a person, and why a records request does not go by them.", ""]
    lines += ["| field | why |", "| --- | --- |"]
    lines += [f"| `{name}` | {why} |" for name, why in schedule.named_only.items()]
    return HEAD + "\n".join(lines) + "\n"


def seen_by(policy: Policy) -> str:
    """Whom an operation shows something, in words."""
    who = [words for name, words in WHO.items() if getattr(policy, name)]
    return ", ".join([*who, *(["partners with its scope"] if policy.partners else [])])


def _record(name: str, record: ScheduledKind) -> Iterator[str]:
    service, _, kind = name.partition("/")
    shown, operation = shown_by(name, record)
    policy = bootstrap_of(shown).policies()[operation]
    yield from (f"### {service}: {kind}", "", "| | |", "| --- | --- |")
    yield f"| whose | {record.whose} |"
    yield f"| what for | {record.purpose} |"
    yield f"| kept | {record.kept} |"
    yield f"| seen by | {seen_by(policy)} (`{operation}`) |"
    yield f"| in a records request | {'<br>'.join(_requested(record))} |"
    for title, fields in (("stored", record.stored), ("published", record.published)):
        yield f"| {title} | {_fields(fields)} |"


def _requested(record: ScheduledKind) -> Iterator[str]:
    """By which fields it is found, and what of it is shown."""
    if record.not_personal:
        yield f"no: {record.not_personal}"
    for role, part in record.personal.items():
        shown = ", ".join(f"`{each}`" for each in part.shown)
        yield f"by `{role}`: {shown}; not the rest, {part.rest}" if shown else f"by `{role}`: all"
    for name, why in record.withheld.items():
        yield f"never `{name}`: {why}"
    if record.told:
        told = ", ".join(f"`{each}`" for each in record.told)
        yield f"of its events {told}, and no version, which would count the others"


def _fields(fields: Fields) -> str:
    return "<br>".join(
        f"{holds}: {', '.join(f'`{each}`' for each in names)}" for holds, names in fields.items()
    )


def main(arguments: list[str]) -> int:
    made = page()
    if "--check" in arguments:
        old = PAGE.read_text() if PAGE.exists() else ""
        if old != made:
            told = "docs/data-schedule.md is out of date: python -m services.ctl.docs_schedule\n"
            sys.stderr.write(told)
        return int(old != made)
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
