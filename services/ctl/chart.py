"""`python -m services.ctl.chart [--check]`: tells the Helm chart what the code says.

It writes `files/registry.yaml` of the chart (which services there are, with what roles, consumer
groups, topics and RPCs); in `values.schema.json` what follows from it: the names of services and
settings and the keys of the districts file; in `files/rules.yaml` the alerts; in `files/dashboards`
what Grafana shows; and in `README.md` the table of values, from `values.yaml` and its comments. The
rest of the schema and the README is written by hand. With `--check` nothing is written; exit code 1
says that the chart is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from services.access.districts import District, Districts
from services.access.policy import SCOPES
from services.assembly.registry import COLLECTS_LOOKS, LOOKS, LOOKS_GROUP, SERVICES, TOPICS
from services.assembly.service import Service
from services.chassis.backing import memory
from services.chassis.issuer import DISTRICT_PATTERN
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.topics import PARTITIONS, REPLICAS, topic_configs
from services.chassis.settings import ChassisSettings, load
from services.ctl import dashboards
from services.ctl.alerts import rules
from services.ctl.local.ensure import bootstrap_of

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/tandem"
REGISTRY = CHART / "files/registry.yaml"
SCHEMA = CHART / "values.schema.json"
VALUES = CHART / "values.yaml"
README = CHART / "README.md"
RULES = CHART / "files/rules.yaml"
DASHBOARDS = CHART / "files/dashboards"
ROLES = ("api", "relay", "projector", "duties")
# The chart decides these itself, or has values of its own for them.
DECIDED = re.compile(
    r"kafka_.*|mongodb_(uri|.*_file)|allow_plaintext|environment|roles|(internal_)?host|.*_port"
    r"|districts_file|trace_ratio|otlp_endpoint|issuers_ca_file"
)
OF_ONE_SERVICE = ("mongodb_database",)
_SERVICE = re.compile(r"^service (\w+) \{", re.MULTILINE)
_KEY = re.compile(r"( *)([\w-]+):(?: (.*))?$")
_TABLE = "<!-- The rest is made by services/ctl/chart.py from values.yaml. -->\n"
_HEAD = "# Made by services/ctl/chart.py from the registry of services: do not edit.\n"
_HEAD_OF_RULES = "# Made by services/ctl/chart.py from services/ctl/alerts.py: do not edit.\n"


def registry() -> dict[str, Any]:
    """What the chart is told, JSON-able."""
    settings = ChassisSettings.model_fields
    return {
        "ports": {
            name: settings[f"{setting}_port"].default
            for name, setting in (("http", "rest"), ("grpc", "grpc"), ("internal", "internal"))
        },
        "partitions": PARTITIONS,
        "topics": list(TOPICS),
        "topicsPrefix": _prefix(list(TOPICS)),
        "topicConfig": topic_configs(REPLICAS),
        # written by the APIs of all services, read by the relay of one
        "looks": {"topic": LOOKS, "service": COLLECTS_LOOKS, "group": LOOKS_GROUP},
        # names of variables that no value gives but `settings` and those that are meant for them
        "variables": sorted(
            {
                "SECRETS_DIR",
                *(
                    each.upper()
                    for name in SERVICES
                    for each in bootstrap_of(name).Settings.model_fields
                ),
            }
        ),
        "services": {name: _declared(name) for name in SERVICES},
    }


def _prefix(topics: Sequence[str]) -> str:
    """What all names begin with, up to a dot: those of later releases, too. Raises ValueError."""
    found = {f"{name.partition('.')[0]}." for name in topics}
    if len(found) != 1:
        raise ValueError(f"topics have no prefix of their own: {', '.join(topics)}")
    return found.pop()


def _declared(name: str) -> dict[str, Any]:
    made = _built(name)
    found = {role.partition(".")[0] for role in made.roles} | {"api"}
    if unknown := found - set(ROLES):
        raise ValueError(f"{name}: the chart does not know the role {unknown.pop()}")
    projectors = {
        projector.projection.group: {
            "consumers": projector.projection.consumers,
            "topics": list(projector.projection.topics),
        }
        for projector in made.projectors
    }
    parts = [role.partition(".")[2] for role in made.roles if role.startswith("projector.")]
    return {
        "database": SERVICES[name].database,
        "topic": SERVICES[name].topic if SERVICES[name].tells else "",
        "roles": [role for role in ROLES if role in found],
        "projectors": {
            part: {"group": group, **told}
            for part, (group, told) in zip(parts, projectors.items(), strict=True)
        },
        "rpcs": sorted(
            f"coaching.{name}.v1.{rpc}"
            for path in (ROOT / "proto/coaching" / name).rglob("*.proto")
            for rpc in _SERVICE.findall(path.read_text())
        ),
    }


def _built(name: str) -> Service:
    bootstrap = bootstrap_of(name)
    settings = load(bootstrap.Settings, environment="test", roles=("projector",))  # no API
    made: Service = bootstrap.build(settings, memory(MemoryLog()), districts=Districts())
    return made


def schema(before: Mapping[str, Any]) -> dict[str, Any]:
    """The chart's schema of values with what the code says of services, settings, districts."""
    district = District.model_json_schema()
    parts = {**district.pop("$defs"), "District": district}
    settings = {name: _settings(bootstrap_of(name).Settings) for name in SERVICES}
    common = _settings(ChassisSettings)
    alone = {each.upper() for each in OF_ONE_SERVICE}
    named = {
        "Settings": _object({k: told for k, told in common.items() if k not in alone}),
        "Districts": {
            "type": "object",
            "propertyNames": {"pattern": DISTRICT_PATTERN},
            "additionalProperties": {"$ref": "#/$defs/District"},
        },
        **{key: _plain(each) for key, each in parts.items()},
    }
    named["DeclaredIssuer"]["properties"]["scopes"]["items"]["enum"] = sorted(SCOPES)
    of_services = {
        name: {
            "allOf": [{"$ref": "#/$defs/Service"}],
            "properties": {"settings": _object(settings[name])},
        }
        for name in SERVICES
    }
    return {
        **before,
        "properties": {**before["properties"], "services": _object(of_services)},
        "$defs": {**before["$defs"], **named},
    }


def _settings(kind: type[ChassisSettings]) -> dict[str, Any]:
    told = kind.model_json_schema()["properties"]
    return {
        name.upper(): _plain(told[name])
        for name in kind.model_fields
        if not DECIDED.fullmatch(name)
    }


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


def _plain(told: Any) -> Any:
    """A schema without titles, defaults and what is said to programmers."""
    if isinstance(told, list):
        return [_plain(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        key: {name: _plain(each) for name, each in value.items()}
        if key == "properties"
        else _plain(value)
        for key, value in told.items()
        if key not in ("title", "default", "description")
    }


def values() -> Iterator[tuple[str, str, str]]:
    """Path, default and meaning of each value, as `values.yaml` says in the comment above it.
    Raises ValueError where one has none."""
    path: list[str] = []
    told = ""
    for line in VALUES.read_text().splitlines():
        if line.strip().startswith("#"):
            told = line.strip().removeprefix("#").strip()
        elif found := _KEY.fullmatch(line):
            path[len(found[1]) // 2 :] = [found[2]]
            if found[3]:
                if not told:
                    raise ValueError(f"values.yaml: nothing is said of {'.'.join(path)}")
                yield ".".join(path), found[3], told
            told = ""


def readme(before: str) -> str:
    rows = [f"| `{path}` | `{default}` | {told} |" for path, default, told in values()]
    table = ["", "| value | default | meaning |", "| --- | --- | --- |", *rows, ""]
    return before.partition(_TABLE)[0] + _TABLE + "\n".join(table)


def files() -> Iterator[tuple[Path, str]]:
    """Each file of the chart that is made here, with what it should hold."""
    yield REGISTRY, _HEAD + yaml.safe_dump(registry(), sort_keys=False, width=100)
    yield SCHEMA, json.dumps(schema(json.loads(SCHEMA.read_text())), indent=2) + "\n"
    for name, dashboard in dashboards.files().items():
        yield DASHBOARDS / name, json.dumps(dashboard, indent=1) + "\n"
    yield RULES, _HEAD_OF_RULES + yaml.safe_dump(rules(), sort_keys=False, width=100)
    yield README, readme(README.read_text())


def main(arguments: Sequence[str]) -> int:
    different = [(path, text) for path, text in files() if _text(path) != text]
    if "--check" in arguments:
        return 1 if different else 0
    for path, text in different:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return 0


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
