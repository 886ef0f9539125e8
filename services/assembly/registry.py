"""The registry: every service there is, with its topic, database, views and ports, named once.

Whatever lists services, topics or views reads them here: the command line, the local stack, the
documentation, tests and the bench. What a topic is to be read for stands with the view that reads
it, as its folds: see `views.projection.topics_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.access.view import access_view
from services.chassis.duties.view import duties_view

# On one machine: the port of the address that all share, and those of the first service; each
# that follows has the next ones.
GATEWAY = 8080
FIRST_REST, FIRST_GRPC, FIRST_INTERNAL = 8100, 8200, 8300


@dataclass(frozen=True, slots=True)
class Declared:
    """A service by its name, which is also its folder's, its package's in `proto/` and the first
    part of its paths. `tells`: what the events of its topic tell; empty where it only shows what
    others have published. `own_views` are those beside its access view and its to-dos; each view is
    named as its consumer group. `duties`: whether events ask something of it; `duties_topics`: the
    `topics_version` of the view of its to-dos."""

    name: str
    tells: str = ""
    own_views: tuple[str, ...] = ()
    duties: bool = False
    duties_topics: int = 1

    @property
    def about(self) -> str:
        """What its API is for, in a sentence."""
        told = self.tells or "what the others have published, as coaches and teachers read it"
        return f"{told[0].upper()}{told[1:]}."

    @property
    def topic(self) -> str:
        return f"coaching.{self.name}.v1"

    @property
    def source(self) -> str:
        """The `ce_source` of its events."""
        return f"/tandem/{self.name}"

    @property
    def database(self) -> str:
        """Unless its settings name another."""
        return f"tandem_{self.name}"

    @property
    def views(self) -> tuple[str, ...]:
        """Its access view, which says who may see what, its to-dos and its own."""
        todos = (duties_view(self.name),) if self.duties else ()
        return (access_view(self.name), *todos, *self.own_views)


SERVICES: Mapping[str, Declared] = {
    each.name: each
    for each in (
        Declared(
            "roster",
            "organizations, people with their roles, grants and covers, records of one person, "
            "classes, academic sessions, days without school",
            duties=True,
        ),
        Declared(
            "programs",
            "who coaches whom, what the coach may see and what the two agree on, pairs and groups, "
            "coaching sessions, planning records, programs and who is in them",
            duties=True,
            duties_topics=3,
        ),
        Declared(
            "goals",
            "goals and their progress, strategies and trials of them, decision trees, shares",
            duties=True,
            duties_topics=4,
        ),
        Declared(
            "surveys",
            "instruments, administrations and their released results, shares",
            duties=True,
            duties_topics=4,
        ),
        Declared(
            "observations",
            "observation tools, observations, shares",
            duties=True,
            duties_topics=3,
        ),
        Declared("insights", own_views=("insights", "timeline")),
        Declared(
            "privacy",
            "what a district says about the use of its data, who has read it, partners' programs, "
            "what is erased, held or kept for a time",
            duties=True,
            duties_topics=3,
        ),
    )
}
WRITE_SERVICES = tuple(each.name for each in SERVICES.values() if each.tells)
WITH_DUTIES = tuple(each.name for each in SERVICES.values() if each.duties)
# What every service tells of who looked at whose data, the one `COLLECTS_LOOKS` alone reads.
LOOKS, COLLECTS_LOOKS = "coaching.looks.v1", "privacy"
LOOKS_GROUP = f"{COLLECTS_LOOKS}-looks"
TOPICS: Mapping[str, str] = {
    **{SERVICES[name].topic: SERVICES[name].tells for name in WRITE_SERVICES},
    LOOKS: "who was shown what about whom, or refused, for the privacy service alone",
}
# View -> the service that it belongs to.
VIEWS: Mapping[str, str] = {view: each.name for each in SERVICES.values() for view in each.views}
