"""What docs/security.md tells to set exists, and is taken in production."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from services.chassis.issuer import DeclaredIssuer
from tests.support.charts import LEAST
from tests.support.helm import CHART, Object, of_kind, render

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text()
PRODUCTION = {"environment": "production"}
VALUES: Object = yaml.safe_load((CHART / "values.yaml").read_text())


def hardened() -> list[str]:
    (table,) = re.findall(r"\| value \| set it to \|\n\| --- \| --- \|\n((?:\|.*\n)+)", PAGE)
    cells = [row.split("|")[1] for row in table.splitlines()]
    return [name for cell in cells for name in re.findall("`([^`]+)`", cell)]


@pytest.mark.parametrize("name", hardened())
def test_a_value_to_harden_is_one_of_the_chart(name: str) -> None:
    found: Object = VALUES
    for part in name.split("."):
        assert part in found, name
        found = found[part]


@pytest.mark.parametrize("name", ["environment", "allowPlaintext", "kafka.securityProtocol"])
def test_what_stays_as_it_is_is_strict(name: str) -> None:
    assert name in hardened()
    strict = {"environment": "production", "allowPlaintext": []}
    kafka = VALUES["kafka"]["securityProtocol"]
    assert (VALUES[name] if name in strict else kafka) == strict.get(name, "SASL_SSL")


def issuers() -> list[Object]:
    """Of identity systems, as the page has them."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    return [one for block in blocks for one in yaml.safe_load(block)["issuers"]]


def test_the_issuers_of_identity_systems_are_taken_in_production() -> None:
    taken = [DeclaredIssuer.model_validate(one, context=PRODUCTION) for one in issuers()]
    assert [each.partner for each in taken] == [False, False, True]
    assert len({each.issuer for each in taken}) == len(taken)


def test_they_are_taken_by_the_chart_as_they_are() -> None:
    objects = render({**LEAST, "districts": {"lakewood": {"issuers": issuers()}}})
    (made,) = [
        each["data"]["districts.yaml"]
        for each in of_kind(objects, "ConfigMap")
        if each["metadata"]["name"] == "tandem-districts"
    ]
    assert yaml.safe_load(made)["districts"]["lakewood"]["issuers"] == issuers()
