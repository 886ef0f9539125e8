"""What is promised of a month, as shares that Prometheus can count, and when too fast.

Each objective has two alerts: what a month may miss is used up 14 times too fast (in two days) or 6
times (in five), over a long window, and a short one that ends the alert soon after the cause has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.chassis.metrics import GRPC_SECONDS, HTTP_SECONDS, LIVE_SECONDS, VIEW_AGE, Metric

# What the pods' monitor adds: two releases in one Prometheus are told apart.
WHERE = "namespace, app_kubernetes_io_component"
GROUP = "namespace, group"


@dataclass(frozen=True, slots=True)
class Burn:
    """One pair of windows: how many times too fast, and for how long before anybody is told."""

    rate: float
    long: str
    short: str
    lasting: str
    severity: Literal["page", "ticket"]
    ending: str  # of the alert's name


BURNS = (
    Burn(14.4, "1h", "5m", "2m", "page", ""),
    Burn(6, "6h", "30m", "15m", "ticket", "Slowly"),
)


@dataclass(frozen=True, slots=True)
class Objective:
    """At most `missed` of all that `metric` counts in a month is `bad`, or not `good` (0 to 1): one
    of them, as what there may be no series of while all is well. These and `every` are ends of
    names and matchers of its series, `by` its labels that are told apart; `alert` begins the names
    of its alerts and `says` what they tell."""

    name: str
    promise: str
    metric: Metric[Any]
    missed: float
    every: str
    by: str
    alert: str
    says: str
    good: str = ""
    bad: str = ""

    def share(self, window: str) -> str:
        """Of what is missed, 0 to 1."""
        every = self._rate(self.every, window)
        if self.bad:
            return f"({self._rate(self.bad, window)} or 0 * {every}) / {every}"
        return f"1 - {self._rate(self.good, window)} / {every}"

    def burns(self, burn: Burn) -> str:
        """Whether it is used up too fast, and still is."""
        bound = f"{burn.rate * self.missed:g}"
        return f"({self.share(burn.long)} > {bound}) and ({self.share(burn.short)} > {bound})"

    def left(self) -> str:
        """How much of what a month may miss is left, 1 to below 0."""
        return f"1 - ({self.share('30d')}) / {self.missed:g}"

    def _rate(self, series: str, window: str) -> str:
        return f"sum by ({self.by}) (rate({self.metric.name}_{series}[{window}]))"


WRITES = Objective(
    "write success",
    "999 of 1,000 writes over REST do not fail on our side",
    HTTP_SECONDS,
    0.001,
    'count{method!="GET"}',
    WHERE,
    "TandemWritesFail",
    "of writes fail",
    bad='count{method!="GET",status_class="5xx"}',
)
READS = Objective(
    "read success",
    "999 of 1,000 reads over REST do not fail on our side",
    HTTP_SECONDS,
    0.001,
    'count{method="GET"}',
    WHERE,
    "TandemReadsFail",
    "of reads fail",
    bad='count{method="GET",status_class="5xx"}',
)
RPCS = Objective(
    "RPC success",
    "999 of 1,000 RPCs do not fail on our side",
    GRPC_SECONDS,
    0.001,
    "count",
    WHERE,
    "TandemRpcsFail",
    "of RPCs fail",
    bad='count{grpc_code=~"UNKNOWN|INTERNAL|UNAVAILABLE|DATA_LOSS"}',
)
FRESHNESS = Objective(
    "freshness",
    "a view is at most 10 seconds old in 995 of 1,000 seconds",
    VIEW_AGE,
    0.005,
    "count",
    GROUP,
    "TandemViewsOld",
    "of the time it is old",
    good='bucket{le="10.0"}',
)
LIVE = Objective(
    "live",
    "99 of 100 changes have been taken by a live stream a second after they were heard of",
    LIVE_SECONDS,
    0.01,
    "count",
    WHERE,
    "TandemLiveLate",
    "of live changes come late",
    good='bucket{le="1.0"}',
)
OBJECTIVES = (WRITES, READS, RPCS, FRESHNESS, LIVE)
WHOSE: Mapping[str, str] = {
    WHERE: "{{ $labels.app_kubernetes_io_component }} in {{ $labels.namespace }}",
    GROUP: "{{ $labels.group }} in {{ $labels.namespace }}",
}
