"""What is worth waking somebody for: Prometheus rules over the metrics that are declared.

`services.ctl.chart` writes them into the chart. Each alert has a heading of its name in
docs/operating.md, which says what it means, how to see more and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from services.chassis.log.topics import PARTITIONS
from services.chassis.metrics import (
    ACCESS_AGE,
    ACCESS_TRUSTED,
    AUTH_REFUSED,
    CERTIFICATE_END,
    CONSUMER_LAG,
    CONSUMER_PARTITIONS,
    CONSUMER_SILENT,
    DUTIES,
    DUTIES_OLDEST_SECONDS,
    HTTP_SECONDS,
    IMPORTS_LATE,
    JWKS_FETCHES,
    LOOSE_OLDEST_SECONDS,
    OUTBOX_OLDEST_SECONDS,
    OVERLOAD_LIMIT,
    OVERLOAD_REFUSED,
    PROCESS_START,
    PROJECTOR_COUNTS,
    RATE_REFUSED,
    RELAY_FAILURES,
    TROUBLES,
    Metric,
)
from services.ctl.objectives import (
    BURNS,
    FRESHNESS,
    GROUP,
    LIVE,
    READS,
    RPCS,
    WHERE,
    WHOSE,
    WRITES,
    Objective,
)
from services.privacy.artifact_erasure.duties import SEES as SEES_ARTIFACT
from services.privacy.erasure.duties import SEES

RUNBOOK = "docs/operating.md#"  # the chart makes a link of it where it is told of an address


@dataclass(frozen=True, slots=True)
class Alert:
    """`lasting`: how long `expr` must hold before anybody is told. `summary` is a template of
    Prometheus. A page wakes somebody; a ticket waits for the morning."""

    name: str
    expr: str
    lasting: str
    severity: Literal["page", "ticket"]
    summary: str

    def rule(self) -> dict[str, Any]:
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.lasting,
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary, "runbook": RUNBOOK + self.name.lower()},
        }


def _burning(objective: Objective) -> Iterator[Alert]:
    """Its two alerts."""
    for burn in BURNS:
        yield Alert(
            f"{objective.alert}{burn.ending}",
            objective.burns(burn),
            burn.lasting,
            burn.severity,
            f"{WHOSE[objective.by]}: {{{{ $value | humanizePercentage }}}} {objective.says}"
            + (", for hours" if burn.ending else ""),
        )


def _gone(metric: Metric[Any], by: str) -> str:
    """Of whom there was one within a day, and now there is none, where others of the release are:
    what nobody tells is no number that could be compared."""
    told = metric.name
    return (
        f"group by ({by}) (last_over_time({told}[1d])) unless group by ({by}) ({told})"
        ' and on (namespace) group by (namespace) (up{tandem_part!=""})'
    )


def _nobody(name: str, metric: Metric[Any], summary: str) -> Alert:
    return Alert(name, _gone(metric, WHERE), "5m", "page", f"{_SERVICE}: {summary}")


_SERVICE, _GROUP = WHOSE[WHERE], WHOSE[GROUP]
_REFUSED = f'rate({AUTH_REFUSED.name}{{reason!="expired"}}[15m])'
_ANSWERED = f'rate({HTTP_SECONDS.name}_count{{status_class="2xx"}}[15m])'

ALERTS = (
    Alert(
        "TandemProcessSilent",
        'up{tandem_part!=""} == 0',
        "5m",
        "ticket",
        "{{ $labels.pod }} in {{ $labels.namespace }} tells no metrics",
    ),
    Alert(
        "TandemProcessRestarts",
        f'changes({PROCESS_START.name}{{tandem_part!=""}}[30m]) > 2',
        "0m",
        "ticket",
        "{{ $labels.pod }} in {{ $labels.namespace }} has begun {{ $value | humanize }} times anew"
        " in half an hour",
    ),
    _nobody("TandemNoApi", OVERLOAD_LIMIT, "nobody answers callers"),
    _nobody("TandemNoRelay", RELAY_FAILURES, "nobody publishes events"),
    _nobody("TandemNoDuties", DUTIES, "nobody does duties"),
    *_burning(WRITES),
    *_burning(READS),
    *_burning(RPCS),
    *_burning(FRESHNESS),
    *_burning(LIVE),
    Alert(
        "TandemOutboxOld",
        f"max by ({WHERE}) ({OUTBOX_OLDEST_SECONDS.name}) > 60",
        "1m",
        "page",
        f"{_SERVICE}: an event has not been published for {{{{ $value | humanizeDuration }}}}",
    ),
    Alert(
        "TandemRelayFails",
        f"sum by ({WHERE}, step) (rate({RELAY_FAILURES.name}[5m])) > 0",
        "10m",
        "ticket",
        f"{_SERVICE}: the relay fails to {{{{ $labels.step }}}}",
    ),
    Alert(
        "TandemLooksOld",
        f"max by ({WHERE}) ({LOOSE_OLDEST_SECONDS.name}) > 300",
        "5m",
        "ticket",
        f"{_SERVICE}: who looked has not been told for {{{{ $value | humanizeDuration }}}}",
    ),
    Alert(
        "TandemPartitionsUnheld",
        f"sum by ({GROUP}) ({CONSUMER_PARTITIONS.name}) < {PARTITIONS}"
        f" or 0 * ({_gone(CONSUMER_PARTITIONS, GROUP)})",
        "5m",
        "page",
        f"{_GROUP}: {{{{ $value }}}} of {PARTITIONS} partition numbers have a projector",
    ),
    Alert(
        "TandemPartitionsSilent",
        f"sum by ({GROUP}) ({CONSUMER_SILENT.name}) > 0",
        "2m",
        "page",
        f"{_GROUP}: Kafka does not answer for {{{{ $value }}}} of {PARTITIONS} partition numbers",
    ),
    Alert(
        "TandemAccessOld",
        f"max by ({WHERE}) ({ACCESS_AGE.name} / {ACCESS_TRUSTED.name}) > 0.5",
        "1m",
        "page",
        f"{_SERVICE}: who may see what is as of so long ago that"
        " {{ $value | humanizePercentage }} of the time is over for which it is believed",
    ),
    Alert(
        "TandemLagGrows",
        f"sum by ({GROUP}) ({CONSUMER_LAG.name}) > 1000"
        f" and sum by ({GROUP}) (deriv({CONSUMER_LAG.name}[10m])) > 0",
        "10m",
        "page",
        f"{_GROUP}: {{{{ $value | humanize }}}} records behind, and more",
    ),
    Alert(
        "TandemEventsParked",
        f'sum by ({GROUP}) (increase({PROJECTOR_COUNTS.name}{{what="parked"}}[15m])) > 0',
        "0m",
        "ticket",
        f"{_GROUP}: {{{{ $value | humanize }}}} events could not be read",
    ),
    Alert(
        "TandemProjectorRestarts",
        f'sum by ({GROUP}) (increase({PROJECTOR_COUNTS.name}{{what="restarts"}}[15m])) > 3',
        "0m",
        "ticket",
        f"{_GROUP}: {{{{ $value | humanize }}}} new consumers in a quarter of an hour",
    ),
    Alert(
        "TandemDutiesLate",
        f"max by ({WHERE}) ({DUTIES_OLDEST_SECONDS.name}) > 600",
        "5m",
        "ticket",
        f"{_SERVICE}: a duty is due for {{{{ $value | humanizeDuration }}}}",
    ),
    Alert(
        "TandemDutyGivenUp",
        f'sum by ({WHERE}, duty) (increase({DUTIES.name}{{outcome="given_up"}}[15m])) > 0',
        "0m",
        "ticket",
        f"{_SERVICE}: {{{{ $labels.duty }}}} was given up",
    ),
    Alert(
        "TandemErasureLate",
        f"sum by ({WHERE}) (increase({DUTIES.name}"
        f'{{duty=~"{SEES}|{SEES_ARTIFACT}",outcome="later"}}[15m])) > 0',
        "0m",
        "ticket",
        f"{_SERVICE}: an order to erase is under way for more than an hour",
    ),
    Alert(
        "TandemRosterLate",
        f"max by ({WHERE}) ({IMPORTS_LATE.name}) > 0",
        "1h",
        "ticket",
        f"{_SERVICE}: of {{{{ $value }}}} districts no roster has come in time",
    ),
    Alert(
        "TandemDataInTrouble",
        f"sum by ({WHERE}, what) (increase({TROUBLES.name}[15m])) > 0",
        "0m",
        "ticket",
        f"{_SERVICE}: {{{{ $labels.what }}}} of a district cannot be used",
    ),
    Alert(
        "TandemOverloaded",
        f"sum by ({WHERE}) (rate({OVERLOAD_REFUSED.name}[5m])) > 0",
        "5m",
        "page",
        f"{_SERVICE}: {{{{ $value | humanize }}}} requests a second are refused",
    ),
    Alert(
        "TandemRateLimited",
        f"sum by ({WHERE}, limit) (rate({RATE_REFUSED.name}[5m])) > 0",
        "10m",
        "ticket",
        f"{_SERVICE}: {{{{ $value | humanize }}}} requests a second are refused by the limit of"
        " {{ $labels.limit }}",
    ),
    Alert(
        "TandemIssuerKeysFail",
        f'sum by ({WHERE}) (increase({JWKS_FETCHES.name}{{outcome="failed"}}[30m])) > 0'
        f' unless sum by ({WHERE}) (increase({JWKS_FETCHES.name}{{outcome="ok"}}[30m])) > 0',
        "10m",
        "page",
        f"{_SERVICE}: the keys of an issuer cannot be had",
    ),
    Alert(
        "TandemCertificateEnds",
        f"min by ({WHERE}, setting) ({CERTIFICATE_END.name}) - time() < {7 * 86_400}",
        "10m",
        "ticket",
        f"{_SERVICE}: what {{{{ $labels.setting }}}} names ends in"
        " {{ $value | humanizeDuration }}",
    ),
    Alert(
        "TandemTokensRefused",
        f"sum by ({WHERE}) ({_REFUSED}) > 0.05 and sum by ({WHERE}) ({_REFUSED})"
        f" > (sum by ({WHERE}) ({_ANSWERED}) or 0 * sum by ({WHERE}) ({_REFUSED}))",
        "15m",
        "ticket",
        f"{_SERVICE}: more tokens are refused than requests answered",
    ),
)


def rules() -> dict[str, Any]:
    """As Prometheus and its operator read them."""
    return {"groups": [{"name": "tandem", "rules": [each.rule() for each in ALERTS]}]}
