"""An observation tool: a rubric of criteria, each with levels from low to high.

A published tool never changes, so that a score keeps its meaning; a better one is another
tool. Where it came from and under which license stays with it.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid

MOST_TOOLS = 2_000  # of a district, without those that were withdrawn
MOST_OWN_TOOLS = 200  # brought in by one person, likewise
MOST_DRAFTS = 1_000  # of tools by one person, with those that were withdrawn
MOST_CRITERIA = 60
LEAST_LEVELS = 2
MOST_LEVELS = 10


class ToolState(enum.StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # a draft that should not have been


class ToolEvent(enum.StrEnum):
    DRAFTED = "drafted"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Level:
    """`quality` describes what is seen where this score is given."""

    score: float
    quality: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """`reversed`: a low score is the good one."""

    id: str
    category: str
    description: str
    levels: tuple[Level, ...]
    reversed: bool = False

    @property
    def scale_min(self) -> float:
        return self.levels[0].score

    @property
    def scale_max(self) -> float:
        return self.levels[-1].score

    def has(self, score: float) -> bool:
        return any(level.score == score for level in self.levels)


@dataclass(kw_only=True)
class ToolOutline(Aggregate):
    """A tool without its criteria."""

    title: str
    attribution: str
    license: str
    drafted_by: str
    drafted_at: datetime
    state: ToolState = ToolState.DRAFT
    published_at: datetime | None = None

    def check_draft(self, by: str, in_charge: bool) -> None:
        """Whether it may be published or withdrawn as a draft: by who brought it in, and by
        whoever is `in_charge` of it, which the caller makes sure of."""
        if by != self.drafted_by and not in_charge:
            raise Fault(
                Kind.FORBIDDEN, "author_only", "Only its author publishes or withdraws a draft."
            )
        if self.state is not ToolState.DRAFT:
            raise conflict("not_draft", "The tool is no draft any more and does not change.")


@dataclass(frozen=True, slots=True)
class CriterionName:
    """A `Criterion` without its texts."""

    id: str


@dataclass(kw_only=True)
class ToolSummary(ToolOutline):
    """What a list shows of a tool."""

    criteria: tuple[CriterionName, ...]


@dataclass(kw_only=True)
class Tool(ToolOutline):
    criteria: tuple[Criterion, ...]

    def drafted(self) -> Tool:
        """The first event of a new tool. Raises INVALID for a rubric that cannot be scored
        with: see `check_criteria`."""
        check_criteria(self.criteria)
        self.record(ToolEvent.DRAFTED)
        return self

    def publish(self, by: str, at: datetime, in_charge: bool = False) -> None:
        """See `check_draft`."""
        self.check_draft(by, in_charge)
        self.state = ToolState.PUBLISHED
        self.published_at = at
        self.record(ToolEvent.PUBLISHED)

    def withdraw(self, by: str, in_charge: bool = False) -> None:
        """Take back a draft; who may publish it may."""
        self.check_draft(by, in_charge)
        self.state = ToolState.WITHDRAWN
        self.record(ToolEvent.WITHDRAWN)

    @property
    def published(self) -> bool:
        return self.state is ToolState.PUBLISHED


def check_criteria(criteria: Sequence[Criterion]) -> None:
    """1 to 60 criteria with ids of their own, each of 2 to 10 levels whose scores ascend."""
    if not 1 <= len(criteria) <= MOST_CRITERIA:
        raise invalid("criteria_count", f"A tool has 1 to {MOST_CRITERIA} criteria.", "/criteria")
    used = Counter(criterion.id for criterion in criteria)
    for index, criterion in enumerate(criteria):
        place = f"/criteria/{index}"
        if used[criterion.id] > 1:
            raise invalid(
                "criterion_repeated",
                "Each criterion of a tool has an id of its own.",
                f"{place}/criterion_id",
            )
        if (fault := _levels_fault(criterion.levels, f"{place}/levels")) is not None:
            raise fault


def _levels_fault(levels: Sequence[Level], place: str) -> Fault | None:
    if not LEAST_LEVELS <= len(levels) <= MOST_LEVELS:
        return invalid(
            "level_count", f"A criterion has {LEAST_LEVELS} to {MOST_LEVELS} levels.", place
        )
    scores = [level.score for level in levels]
    if any(low >= high for low, high in pairwise(scores)):
        return invalid("levels_not_ascending", "Scores of levels differ and ascend.", place)
    return None
