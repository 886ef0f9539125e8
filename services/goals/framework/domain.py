"""A framework of standards that a district has imported: which learning a goal is for.

It is filled part by part from the district's own file, and published once all is there. A
published one never changes: a newer edition is another framework, and the older is retired, so that
a goal goes on naming what was meant. None ships.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid

MOST_FRAMEWORKS = 50  # of a district, with those that are retired or withdrawn
MOST_STANDARDS = 5_000  # of a framework
MOST_BYTES = 4_000_000  # of all their texts, in UTF-8: a framework is one document
MOST_AT_ONCE = 200


class FrameworkState(enum.StrEnum):
    IMPORTING = "importing"  # not all is there yet
    PUBLISHED = "published"
    RETIRED = "retired"  # not for new goals
    WITHDRAWN = "withdrawn"  # an import that should not have been


class FrameworkEvent(enum.StrEnum):
    BEGUN = "begun"
    EXTENDED = "extended"
    PUBLISHED = "published"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Standard:
    """One item of a framework, as CASE has it: `id` is its identifier, a GUID; `code` the human
    coding scheme, empty where it has none; `parent` the item that it is a child of, if any."""

    id: str
    code: str
    text: str
    parent: str = ""


@dataclass(kw_only=True)
class FrameworkSummary(Aggregate):
    """A framework without its standards. `case_id` is the identifier of its CASE document."""

    case_id: str
    title: str
    edition: str
    source: str
    begun_at: datetime
    state: FrameworkState = FrameworkState.IMPORTING
    standard_count: int = 0
    published_at: datetime | None = None
    closed_at: datetime | None = None

    def check_import(self, by: str, at: datetime) -> None:
        """Whether more may be added; raises what the refusal is, as all rules do."""
        if self.state is not FrameworkState.IMPORTING:
            raise conflict("not_importing", "The framework is published or over.")

    def check_publish(self, by: str, at: datetime) -> None:
        self.check_import(by, at)
        if self.standard_count == 0:
            raise conflict("no_standards", "It has no standards yet.")

    def check_retire(self, by: str, at: datetime) -> None:
        if self.state is not FrameworkState.PUBLISHED:
            raise conflict("not_published", "Only a published framework is retired.")


@dataclass(kw_only=True)
class Framework(FrameworkSummary):
    standards: tuple[Standard, ...] = ()

    def begun(self) -> Framework:
        """With its first event."""
        self.record(FrameworkEvent.BEGUN)
        return self

    def extend(self, standards: Sequence[Standard], by: str, at: datetime) -> None:
        """More of it, in the order of the file. What is there already and says the same is left
        as it is. Raises INVALID, at its place, for one that says something else."""
        self.check_import(by, at)
        known = {each.id: each for each in self.standards}
        new: list[Standard] = []
        for index, each in enumerate(standards):
            was = known.setdefault(each.id, each)
            if was is each:
                new.append(each)
            elif was != each:
                detail = "Another standard of the framework has that id."
                raise invalid("standard_twice", detail, f"/standards/{index}/standard_id")
        if not new:
            return
        everything = (*self.standards, *new)
        size = sum(len(each.text.encode()) for each in everything)
        if len(everything) > MOST_STANDARDS or size > MOST_BYTES:
            detail = f"A framework has at most {MOST_STANDARDS} standards and {MOST_BYTES} bytes."
            raise Fault(Kind.LIMITED, "too_many_standards", detail)
        self.standards, self.standard_count = everything, len(everything)
        self.record(FrameworkEvent.EXTENDED)

    def publish(self, by: str, at: datetime) -> None:
        """Let goals name its standards; from then on it does not change."""
        self.check_publish(by, at)
        known = {each.id for each in self.standards}
        orphan = next(
            (each for each in self.standards if each.parent and each.parent not in known), None
        )
        if orphan is not None:
            detail = f"The parent of {orphan.id} is not in the framework."
            raise conflict("unknown_parent", detail)
        self.state, self.published_at = FrameworkState.PUBLISHED, at
        self.record(FrameworkEvent.PUBLISHED)

    def retire(self, by: str, at: datetime) -> None:
        """Let no new goal name its standards; those that do go on."""
        self.check_retire(by, at)
        self.state, self.closed_at = FrameworkState.RETIRED, at
        self.record(FrameworkEvent.RETIRED)

    def withdraw(self, by: str, at: datetime) -> None:
        """Take back an import that should not have been; its standards go."""
        self.check_import(by, at)
        self.state, self.closed_at = FrameworkState.WITHDRAWN, at
        self.standards, self.standard_count = (), 0
        self.record(FrameworkEvent.WITHDRAWN)

    def standard(self, id: str) -> Standard | None:
        return next((each for each in self.standards if each.id == id), None)
