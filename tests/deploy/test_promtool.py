"""Each alert fires when what it is about happens and ends when that is over, as Prometheus's own
tool evaluates the rules of the chart. Where that tool is not to be had `make` says so."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.ctl.alerts import ALERTS
from tests.support.helm import CHART
from tests.support.promtool import promtool

RULES = CHART / "files/rules.yaml"
HOURS = 100  # minutes
WHERE = 'namespace="coaching",app_kubernetes_io_component="goals",pod="a",tandem_part="api"'
HTTP = f'http_server_request_duration_seconds_count{{{WHERE},method="POST",route="/r"'
AGE = f'tandem_view_age_seconds_%s{{{WHERE},group="insights"'
LIVE = f"tandem_live_delay_seconds_%s{{{WHERE}"
READ = f'http_server_request_duration_seconds_count{{{WHERE},method="GET",route="/r"'
RPC = f'grpc_server_handling_seconds_count{{{WHERE},grpc_service="s",grpc_method="m"'
UP = f"up{{{WHERE}}}"
FAILED, DONE = (f'{HTTP},status_class="{each}"}}' for each in ("5xx", "2xx"))
IN_TIME, EVERY = f'{LIVE % "bucket"},le="1.0"}}', f"{LIVE % 'count'}}}"


@dataclass(frozen=True, slots=True)
class Story:
    """Series by the minute, in promtool's notation; the minute at which the alert fires, alone or
    `beside` others, and that at which it is over."""

    series: dict[str, str]
    fires: int
    over: int
    beside: tuple[str, ...] = ()


def once(series: str, values: str, fires: int, over: int) -> Story:
    return Story({series: values}, fires, over)


def counted(name: str, labels: str = "") -> str:
    return f"{name}{{{WHERE}{labels and f',{labels}'}}}"


def gone(name: str, labels: str = "", value: str = "0") -> Story:
    """One that is no longer told of, while its release is; it comes back."""
    return Story({UP: "1x60", counted(name, labels): f"{value}x5 stale _x20 {value}x40"}, 20, 30)


STORIES = {
    "TandemProcessSilent": once(f"up{{{WHERE}}}", "1x5 0x9 1x9", 12, 16),
    "TandemProcessRestarts": once(counted("process_start_time_seconds"), "5 5 9 9 14 21x40", 5, 40),
    "TandemNoApi": gone("tandem_overload_limit"),
    "TandemNoRelay": gone("tandem_relay_failures_total", 'step="store"'),
    "TandemNoDuties": gone("tandem_duties_total", 'duty="remind",outcome="done"'),
    "TandemWritesFail": Story(
        {
            FAILED: "0+2x60 120x60",
            DONE: "0+60x120",
        },
        60,
        70,
        ("TandemWritesFailSlowly",),
    ),
    "TandemWritesFailSlowly": Story(
        {
            FAILED: "0+1x400 400x90",
            DONE: "0+99x490",
        },
        400,
        440,
    ),
    "TandemReadsFail": Story(
        {
            f'{READ},status_class="5xx"}}': "0+2x60 120x60",
            f'{READ},status_class="2xx"}}': "0+60x120",
        },
        60,
        70,
        ("TandemReadsFailSlowly",),
    ),
    "TandemReadsFailSlowly": Story(
        {
            f'{READ},status_class="5xx"}}': "0+1x400 400x90",
            f'{READ},status_class="2xx"}}': "0+99x490",
        },
        400,
        440,
    ),
    "TandemRpcsFail": Story(
        {
            f'{RPC},grpc_code="UNAVAILABLE"}}': "0+2x60 120x60",
            f'{RPC},grpc_code="OK"}}': "0+60x120",
        },
        60,
        70,
        ("TandemRpcsFailSlowly",),
    ),
    "TandemRpcsFailSlowly": Story(
        {f'{RPC},grpc_code="INTERNAL"}}': "0+1x400 400x90", f'{RPC},grpc_code="OK"}}': "0+99x490"},
        400,
        440,
    ),
    "TandemViewsOld": Story(
        {
            f'{AGE % "bucket"},le="10.0"}}': "0+30x60 1860+60x60",
            f"{AGE % 'count'}}}": "0+60x120",
        },
        60,
        70,
        ("TandemViewsOldSlowly",),
    ),
    "TandemViewsOldSlowly": Story(
        {
            f'{AGE % "bucket"},le="10.0"}}': "0+57x400 22860+60x90",
            f"{AGE % 'count'}}}": "0+60x490",
        },
        400,
        440,
    ),
    "TandemLiveLate": Story(
        {IN_TIME: "0+3x60 186+6x60", EVERY: "0+6x120"},
        60,
        70,
        ("TandemLiveLateSlowly",),
    ),
    "TandemLiveLateSlowly": Story(
        {
            IN_TIME: "0+54x400 21660+60x90",
            EVERY: "0+60x490",
        },
        400,
        440,
    ),
    "TandemOutboxOld": once(counted("tandem_outbox_oldest_age_seconds"), "0x2 90x5 0x9", 5, 9),
    "TandemRelayFails": once(
        counted("tandem_relay_failures_total", 'step="publish"'), "0x2 1+1x15 16x20", 15, 26
    ),
    "TandemLooksOld": once(counted("tandem_looks_oldest_age_seconds"), "0x2 400x9 0x9", 9, 13),
    "TandemPartitionsUnheld": once(
        counted("tandem_consumer_assigned_partitions", 'group="insights"'), "6x9 12x9", 7, 11
    ),
    "TandemPartitionsSilent": once(
        counted("tandem_consumer_silent_partitions", 'group="insights"'), "0x2 1x5 0x9", 6, 9
    ),
    "TandemAccessOld": Story(
        {
            counted("tandem_access_age_seconds"): "5x5 1700 1790 1850x5 5x9",
            counted("tandem_access_trusted_seconds"): "3600x30",
        },
        10,
        14,
    ),
    "TandemLagGrows": once(
        counted("tandem_consumer_lag_records", 'group="insights"'), "0x2 1500+100x25 0x9", 20, 30
    ),
    "TandemEventsParked": once(
        counted("tandem_projector_count", 'group="insights",what="parked"'), "0x5 1x30", 8, 25
    ),
    "TandemProjectorRestarts": once(
        counted("tandem_projector_count", 'group="insights",what="restarts"'), "0+1x6 6x30", 8, 30
    ),
    "TandemDutiesLate": once(counted("tandem_duties_oldest_age_seconds"), "0x2 700x9 0x9", 9, 14),
    "TandemDutyGivenUp": once(
        counted("tandem_duties_total", 'duty="remind",outcome="given_up"'), "0x5 1x30", 8, 25
    ),
    "TandemErasureLate": once(
        counted("tandem_duties_total", 'duty="see_erasure_done",outcome="later"'),
        "0x5 1x30",
        8,
        25,
    ),
    "TandemRosterLate": once(counted("tandem_imports_late"), "0x2 1x80 0x9", 63, 85),
    "TandemDataInTrouble": once(
        counted("tandem_troubles_total", 'what="a card"'), "0x5 1x30", 8, 25
    ),
    "TandemOverloaded": once(
        counted("tandem_overload_refused_total", 'urgency="bulk"'), "0+60x15 900x20", 9, 23
    ),
    "TandemRateLimited": once(
        counted("tandem_rate_refused_total", 'limit="address"'), "0+60x15 900x20", 14, 23
    ),
    "TandemIssuerKeysFail": Story(
        {
            counted("tandem_jwks_fetches_total", 'outcome="failed"'): "0+1x50 50x50",
            counted("tandem_jwks_fetches_total", 'outcome="ok"'): "0x50 0+1x50",
        },
        30,
        60,
    ),
    "TandemCertificateEnds": once(
        counted("tandem_certificate_end_seconds", 'setting="KAFKA_CERT_FILE"'),
        "605100x22 9000000x20",
        18,
        24,
    ),
    "TandemTokensRefused": Story(
        {
            counted("tandem_auth_refused_total", 'reason="audience"'): "0+60x30 1800x60",
            DONE: "0+6x90",
        },
        28,
        60,
    ),
}
# More of what the alert of that name tells.
ALSO = {
    "TandemPartitionsUnheld": gone("tandem_consumer_assigned_partitions", 'group="insights"', "12"),
    "TandemTokensRefused": once(
        counted("tandem_auth_refused_total", 'reason="kid"'), "0+60x30 1800x60", 28, 60
    ),
}


def told(name: str, story: Story) -> dict[str, Any]:
    """As promtool reads it: which alerts fire, at either minute."""

    def fire(minute: int, names: tuple[str, ...]) -> dict[str, Any]:
        found = [{"labels": f'{{alertname="{each}"}}', "value": 1} for each in sorted(names)]
        expr = 'count by (alertname) (ALERTS{alertstate="firing"})'
        return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": found}

    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": s, "values": v} for s, v in story.series.items()],
        "promql_expr_test": [
            fire(story.fires, (name, *story.beside)),
            {**fire(story.over, ()), "expr": f'ALERTS{{alertname="{name}",alertstate="firing"}}'},
        ],
    }


def test_every_alert_has_its_story() -> None:
    assert list(STORIES) == [alert.name for alert in ALERTS]


def checked(
    folder: Path, *stories: dict[str, Any], every: str = "1m"
) -> subprocess.CompletedProcess[str]:
    """`every`: how often the rules are evaluated."""
    (folder / "rules.yaml").write_text(RULES.read_text())
    content = {"rule_files": ["rules.yaml"], "evaluation_interval": every, "tests": list(stories)}
    (folder / "tests.yaml").write_text(yaml.safe_dump(content))
    command = [promtool(), "test", "rules", str(folder / "tests.yaml")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_rules_are_as_prometheus_wants_them() -> None:
    if promtool():
        command = [promtool(), "check", "rules", "--lint=all", "--lint-fatal", str(RULES)]
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert found.returncode == 0, found.stdout + found.stderr
        assert f"SUCCESS: {len(ALERTS)} rules found" in found.stdout


@pytest.mark.parametrize(("every", "of_hours"), [("1m", False), ("5m", True)])
def test_alerts_fire_and_end(every: str, of_hours: bool, tmp_path: Path) -> None:
    """Those of hours are looked at less often: it takes a minute else."""
    if promtool():
        stories = [*STORIES.items(), *ALSO.items()]
        asked = [told(*each) for each in stories if (each[1].over > HOURS) is of_hours]
        found = checked(tmp_path, *asked, every=every)
        assert asked
        assert found.returncode == 0, found.stdout + found.stderr


def test_a_release_that_was_taken_away_is_missed_by_nobody(tmp_path: Path) -> None:
    if promtool():
        series = {UP: "1x5 stale", counted("tandem_overload_limit"): "16x5 stale"}
        story = told("TandemNoApi", Story(series, 20, 30))
        story["promql_expr_test"] = story["promql_expr_test"][1:]
        found = checked(tmp_path, story)
        assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", ["TandemOutboxOld", "TandemLiveLate", "TandemPartitionsSilent"])
def test_one_that_did_not_fire_would_be_noticed(name: str, tmp_path: Path) -> None:
    if promtool():
        story = STORIES[name]
        quiet = Story(dict.fromkeys(story.series, "0x90"), story.fires, story.over)
        assert checked(tmp_path, told(name, quiet)).returncode != 0
