"""What the documentation says exists, and what exists is documented."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from services.access.districts import District, OwnRoles, Relationships, SamePerson, load_districts
from services.access.policy import SCOPES
from services.access.privacy_keys import PrivacyKeys
from services.assembly.registry import SERVICES
from services.chassis import metrics
from services.chassis.crash_points import POINTS
from services.chassis.issuer import DeclaredIssuer
from services.chassis.metrics import Metric
from services.chassis.settings import ChassisSettings
from services.ctl import asyncapi, docs_access, docs_errors, docs_events, docs_partners
from services.ctl.__main__ import app
from services.ctl.local.ensure import bootstrap_of
from services.ctl.protos import read_proto
from services.ctl.remedies import REMEDIES

ROOT = Path(__file__).parents[2]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "clients/python/README.md",
]
OPENAPI = ROOT / "tests/contract/golden/openapi"
EXCHANGES = ROOT / "tests/contract/golden/exchanges"
OPERATING = (ROOT / "docs/operating.md").read_text()
FOLDERS = "services|tests|proto|clients|deploy|docs|requirements"


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def rows(text: str) -> dict[str, str]:
    """First cell (code) -> second cell of every table row."""
    found = re.findall(r"^\| `([\w_]+)` \| ([^|]*) \|", text, re.MULTILINE)
    return {name: value.strip().strip("`") for name, value in found}


def test_the_events_page_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        docs_events.main([])
    assert docs_events.main(["--check"]) == 0, "run: python -m services.ctl.docs_events"


def test_the_asyncapi_document_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        asyncapi.main([])
    assert asyncapi.main(["--check"]) == 0, "run: python -m services.ctl.asyncapi"


def test_the_page_of_codes_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        docs_errors.main([])
    assert docs_errors.main(["--check"]) == 0, "run: python -m services.ctl.docs_errors"


def test_the_page_for_partners_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        docs_partners.main([])
    assert docs_partners.main(["--check"]) == 0, "run: python -m services.ctl.docs_partners"


def test_the_page_of_access_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        docs_access.main([])
    assert docs_access.main(["--check"]) == 0, "run: python -m services.ctl.docs_access"


def test_each_operation_is_in_the_page_of_access_once() -> None:
    listed = re.findall(r"`([a-z_]+)`", docs_access.tables())
    operations = [name for each in SERVICES for name in bootstrap_of(each).policies()]
    assert sorted(listed) == sorted(operations)


def test_every_scope_is_in_a_table_for_partners() -> None:
    opened = re.findall(r"^\| `([a-z_.]+)` \| (.*) \|$", docs_partners.tables(), re.MULTILINE)
    assert {scope for scope, _ in opened} == SCOPES
    assert all(opens for _, opens in opened)


def test_every_code_that_a_caller_was_told_is_on_the_page() -> None:
    said = "".join(path.read_text() for path in EXCHANGES.glob("*.rest.txt"))
    told = set(re.findall(r"-> [45]\d\d ([a-z_]+)", said))
    assert {"no_token", "invalid_request", "stale_version"} <= told
    page = docs_errors.PAGE.read_text()
    assert not {code for code in told if not re.search(rf"(### |\| ){code}\b", page)}


def test_remedies_are_of_codes_and_operations_that_there_are() -> None:
    found = docs_errors.codes()
    codes = {code for each in found.values() for code in each}
    assert {each.partition(" ")[0] for each in REMEDIES} <= codes
    documents = [json.loads(path.read_text()) for path in OPENAPI.glob("*.json")]
    there = {
        f"{method.upper()} {path}"
        for document in documents
        for path, methods in document["paths"].items()
        for method in methods
    }
    said = re.findall(r"`([A-Z]+ /[^?`]*)", " ".join(REMEDIES.values()))
    assert said
    assert not set(said) - there


def test_every_event_has_an_example() -> None:
    for path in (ROOT / "proto").rglob("*events.proto"):
        service = path.parts[-3]
        for event in docs_events.events_of(read_proto(path)):
            assert (docs_events.GOLDEN / service / f"{event.name}.json").exists(), event.name
            assert f"### {event.name}\n" in docs_events.PAGE.read_text()


def test_every_field_of_what_is_published_has_a_meaning() -> None:
    bare = []
    for path in (ROOT / "proto").rglob("*events.proto"):
        proto = read_proto(path)
        events = {event.name for event in docs_events.events_of(proto)}
        states = [message for message in proto.messages if message.name not in events]
        bare += [f"{m.name}.{each.name}" for m in states for each in m.fields if not each.comment]
    assert not bare, "what does it mean, in which unit, whom does it concern? say it in proto/"


def all_settings() -> Iterator[type[ChassisSettings]]:
    yield ChassisSettings
    for path in sorted((ROOT / "services").glob("*/settings.py")):
        if path.parent.name != "chassis":
            yield importlib.import_module(f"services.{path.parent.name}.settings").Settings


def test_every_setting_is_documented_with_its_default() -> None:
    documented = rows(OPERATING)
    fields = {
        name.upper(): field for each in all_settings() for name, field in each.model_fields.items()
    }
    assert not fields.keys() - documented.keys()
    assert not {name for name in documented if name.isupper()} - fields.keys()
    for name, field in fields.items():
        default = field.default
        if isinstance(default, bool | int | float) or (isinstance(default, str) and default):
            text = str(default).lower() if isinstance(default, bool) else str(default)
            text = text.removesuffix(".0") if isinstance(default, float) else text
            assert documented[name] == text, name


def test_every_key_of_the_districts_file_is_documented() -> None:
    nested = {f"relationships.{name}" for name in Relationships.model_fields}
    nested |= {f"roles.{name}" for name in OwnRoles.model_fields}
    nested |= {f"same_person.{name}" for name in SamePerson.model_fields}
    nested |= {f"privacy_keys.{name}" for name in PrivacyKeys.model_fields}
    keys = {*District.model_fields, *nested, *DeclaredIssuer.model_fields}
    for name in keys - {"relationships", "roles", "same_person", "privacy_keys"}:
        assert f"`{name}`" in OPERATING, name


def test_the_example_of_a_districts_file_is_taken(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(districts:.*?)```", OPERATING, re.DOTALL)
    assert example is not None
    path = tmp_path / "districts.yaml"
    path.write_text(example[1])
    lakewood = load_districts(str(path), "production").of("lakewood")
    assert lakewood.model_fields_set == District.model_fields.keys()


def test_every_metric_is_documented() -> None:
    declared = {each.name for each in vars(metrics).values() if isinstance(each, Metric)}
    told = {
        name
        for name in rows(OPERATING)
        if name.startswith(("tandem_", "http_", "grpc_", "process_"))
    }
    assert told == declared


def test_crash_points_are_for_tests_alone(page: Path) -> None:
    if page.name == "reliability.md":
        return  # it says how promises are shown, crash point by crash point
    text = page.read_text()
    assert "TANDEM_CRASH" not in text
    assert not [name for name in POINTS if re.search(rf"\b{name}\b", text)]


def test_make_targets_exist(page: Path) -> None:
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    listed = {line.split()[0] for line in told.splitlines() if line.strip()}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert listed
    assert listed <= targets
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= listed


def test_files_and_modules_exist(page: Path) -> None:
    text = page.read_text()
    paths = set(re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", text))
    assert not [path for path in paths if not (ROOT / path).exists()]
    for dotted in set(re.findall(r"(?<!requirements/)\bservices(?:\.[a-z_]+)+", text)):
        assert _found(dotted), dotted
    for package in set(re.findall(r"\bcoaching\.([a-z]+)\.v1\b", text)):
        assert (ROOT / f"proto/coaching/{package}/v1").is_dir(), package


def _found(dotted: str) -> bool:
    """A module, or what a module holds."""
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _, name = dotted.rpartition(".")
        return bool(module) and hasattr(importlib.import_module(module), name)
    return True


def test_commands_exist(page: Path) -> None:
    root: Any = typer.main.get_command(app)
    pattern = r"(?:`|^(?:\$ )?)(?:\.venv/bin/)?tandem ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*))?"
    for name, second in re.findall(pattern, page.read_text(), re.MULTILINE):
        assert name in root.commands, name
        nested = getattr(root.commands[name], "commands", None)
        if nested is not None and second:
            assert second in nested, f"{name} {second}"


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            assert anchor in {slug(each) for each in headings}, target
