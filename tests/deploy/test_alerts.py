"""Each alert has a text that fits and a page, and the chart hands it on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from services.ctl.alerts import ALERTS, RUNBOOK, Alert
from tests.deploy.test_operators_job import told
from tests.support.charts import LEAST, rendered
from tests.support.helm import ROOT, HelmRefuses, of_kind, render
from tests.support.promql import selectors
from tests.support.promtool import promtool

OPERATING = (ROOT / "docs/operating.md").read_text()
# What Prometheus and the chart's PodMonitor add to each series.
ADDED = {"namespace", "pod", "app_kubernetes_io_component", "tandem_part"}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_its_text_has_only_labels_that_are_left(alert: Alert) -> None:
    """What a sum drops would be an empty word."""
    grouped = re.findall(r"by \(([^)]*)\)", alert.expr)
    left = {name.strip() for each in grouped for name in each.split(",")} or ADDED
    assert set(re.findall(r"\$labels\.(\w+)", alert.summary)) <= left
    assert {name for each in grouped for name in each.split(", ")} == left or not grouped


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_it_has_its_page(alert: Alert) -> None:
    """What it means, how to see more, what to do."""
    page = re.search(rf"^### {alert.name}\n(.*?)^##", OPERATING, re.MULTILINE | re.DOTALL)
    assert page is not None
    assert re.findall(r"^- (\w+):", page[1], re.MULTILINE) == ["Means", "See", "Do"]
    anchors = {
        re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", OPERATING, re.MULTILINE)
    }
    links = re.findall(r"\(#([\w-]+)\)", page[1])
    assert not set(links) - anchors
    assert alert.rule()["annotations"]["runbook"] == RUNBOOK + alert.name.lower()


def test_every_page_has_its_alert() -> None:
    told = re.findall(r"^### (Tandem\w+)$", OPERATING, re.MULTILINE)
    assert told == [alert.name for alert in ALERTS]


def test_the_chart_hands_them_on_with_links_to_where_the_pages_are() -> None:
    (found,) = of_kind(rendered("the example city"), "PrometheusRule")
    (group,) = found["spec"]["groups"]
    assert group["rules"] == [alert.rule() for alert in ALERTS]
    (found,) = of_kind(rendered("everything"), "PrometheusRule")
    (group,) = found["spec"]["groups"]
    for rule, alert in zip(group["rules"], ALERTS, strict=True):
        link = f"https://docs.example.org/operating#{alert.name.lower()}"
        assert rule["annotations"] == {"summary": alert.summary, "runbook_url": link}


def test_no_link_leads_nowhere() -> None:
    """Without an address there is none, but the page and its heading."""
    with pytest.raises(HelmRefuses, match="/monitoring/runbooks"):
        render({**LEAST, "monitoring": {"runbooks": "docs/operating.md"}})


def test_examples_are_found_by_the_operator_of_prometheus() -> None:
    """It looks for labels, by those of its own release as most charts of it come."""
    for name in ("district", "city"):
        for each in of_kind(rendered(f"the example {name}"), "PodMonitor", "PrometheusRule"):
            assert each["metadata"]["labels"]["release"] == "prometheus"


def test_the_rules_beside_the_chart_are_rules_and_name_its_roster_jobs(tmp_path: Path) -> None:
    """Their metrics are others', and not tried here; names of objects are ours."""
    rules = told("operating.md", "groups:")
    (group,) = rules["groups"]
    matched = {
        matcher.name: matcher.value
        for rule in group["rules"]
        for each in selectors(rule["expr"])
        for matcher in each.matchers.matchers
    }
    rosters = told("roster.md", "rosters:")
    values = {**told("installing.md", "image:"), **rosters, "existingDistricts": "districts"}
    del values["districts"]
    names = [each["metadata"]["name"] for each in of_kind(render(values), "CronJob")]
    assert len(names) == 2
    assert all(re.fullmatch(matched["job_name"], f"{name}-29400000") for name in names)
    assert any(re.fullmatch(matched["cronjob"], name) for name in names)
    if promtool():
        (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
        command = [promtool(), "check", "rules", str(tmp_path / "rules.yaml")]
        subprocess.run(command, capture_output=True, timeout=60, check=True)


FAILED = 'namespace="coaching",job_name="tandem-pull-lakewood-29400000"'
PULL = 'namespace="coaching",cronjob="tandem-pull-lakewood"'


@pytest.mark.parametrize(
    ("series", "firing"),
    [
        # one that has failed is told for a day, though the Job itself stays
        (
            {
                f'kube_job_failed{{{FAILED},condition="true"}}': "1x50",
                f"kube_job_status_start_time{{{FAILED}}}": "0x50",
            },
            {"2h": ["RosterJobFailed"], "23h": ["RosterJobFailed"], "26h": []},
        ),
        # one that has never succeeded is told of after a day and a half, until it has
        (
            {
                f"kube_cronjob_created{{{PULL}}}": "0x50",
                f"kube_cronjob_status_last_successful_time{{{PULL}}}": "_x41 147600x9",
            },
            {"35h": [], "39h": ["RosterDidNotCome"], "43h": []},
        ),
        # one that has succeeded once, and not since
        (
            {
                f"kube_cronjob_created{{{PULL}}}": "0x50",
                f"kube_cronjob_status_last_successful_time{{{PULL}}}": "_x4 10800x46",
            },
            {"38h": [], "42h": ["RosterDidNotCome"]},
        ),
        ({}, {"3h": ["RosterJobsUnseen"]}),
    ],
)
def test_the_rules_of_rosters_fire_and_end(
    series: dict[str, str], firing: dict[str, list[str]], tmp_path: Path
) -> None:
    unseen = [] if any("cronjob" in each for each in series) else ["RosterJobsUnseen"]
    looks = [
        {
            "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
            "eval_time": when,
            "exp_samples": [
                {"labels": f'{{alertname="{name}"}}', "value": 1}
                for name in sorted({*names, *unseen})
            ],
        }
        for when, names in firing.items()
    ]
    given = [{"series": name, "values": values} for name, values in series.items()]
    story = {"interval": "1h", "input_series": given, "promql_expr_test": looks}
    told_to = {"rule_files": ["rules.yaml"], "evaluation_interval": "1h", "tests": [story]}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(told("operating.md", "groups:")))
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(told_to))
    if promtool():
        command = [promtool(), "test", "rules", str(tmp_path / "tests.yaml")]
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert found.returncode == 0, found.stdout + found.stderr
