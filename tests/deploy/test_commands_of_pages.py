"""What the pages for operators tell to type fits what the chart makes and what the command line
takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest
import typer
import yaml

from services.assembly.registry import SERVICES
from services.ctl.__main__ import app
from services.privacy.erasure.domain import ErasureState
from services.privacy.erasure.resources import ErasurePage, ErasureResource
from tests.deploy.test_operators_job import DOCS, told
from tests.support.helm import ROOT, Object, of_kind, pods, render, selects

PAGES = ("installing.md", "operating.md", "upgrading.md")
MADE = {"deployment": "Deployment", "job": "Job", "service": "Service"}
COMMANDS = ("kubectl", "helm", "tandem", "TOKEN=")


def typed(page: str) -> Iterator[str]:
    """Each command of a block, on one line."""
    blocks = r"^ *```(\w*)\n(.*?)^ *```$"
    for kind, text in re.findall(blocks, (DOCS / page).read_text(), re.MULTILINE | re.DOTALL):
        if kind not in ("", "console"):
            continue
        for line in re.sub(r"\\\n\s*", " ", text).splitlines():
            command = line.strip().removeprefix("$ ")
            if command.startswith(COMMANDS):
                yield command


EVERY = [(page, each) for page in PAGES for each in typed(page)]


@cache
def objects() -> tuple[Object, ...]:
    return tuple(render(told("installing.md", "image:")))


@cache
def jobs() -> tuple[Object, ...]:
    """Those of the pages."""
    return tuple(told(page, "apiVersion: batch/v1") for page in ("upgrading.md", "operating.md"))


def words(command: str) -> list[str]:
    return shlex.split(command.partition(" | ")[0].rstrip(" &"))


def options(command: Any, given: Sequence[str]) -> None:
    """Follows the names of commands, then looks each option up."""
    rest = list(given)
    while rest and (nested := getattr(command, "commands", None)):
        command = nested[rest.pop(0)]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    for each in rest:
        if each.startswith("--"):
            assert each.partition("=")[0] in known, (command.name, each)


def ours(command: str) -> Iterator[list[str]]:
    """What is told to `tandem` in a command: itself, in a pod, or in `$(...)`."""
    for inner in re.findall(r"\$\((tandem [^)]*)\)", command):
        yield shlex.split(inner)[1:]
    plain = re.sub(r"\"?\$\([^)]*\)\"?", "TOKEN", command)
    parts = words(plain)
    if "tandem" in parts and (parts[0] == "tandem" or "services" in parts):
        yield [each for each in parts[parts.index("tandem") + 1 :] if each not in ("...", ">")]


@pytest.mark.parametrize(("page", "command"), EVERY)
def test_what_is_told_to_the_command_line_is_taken(page: str, command: str) -> None:
    for given in ours(command):
        options(typer.main.get_command(app), given)


def test_what_a_job_tells_the_command_line_is_taken() -> None:
    for job in jobs():
        _, *given = job["spec"]["template"]["spec"]["containers"][0]["args"]
        options(typer.main.get_command(app), given)


@pytest.mark.parametrize(("page", "command"), EVERY)
def test_what_is_named_of_a_release_is_there(page: str, command: str) -> None:
    for kind, name in re.findall(r"\b(deployment|job|service)/([a-z-]+)", command):
        made = {each["metadata"]["name"] for each in of_kind(objects(), MADE[kind])}
        assert name in made | {job["metadata"]["name"] for job in jobs()}, command
    if found := re.search(r"deployment/tandem-(\w+)-.*--service (\w+)", command):
        assert found[1] == found[2], "a pod has the database of its own service"
    for path in re.findall(r"\bdeploy/[\w./-]+", command):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize(("page", "command"), EVERY)
def test_what_a_selector_names_there_is(page: str, command: str) -> None:
    for text in re.findall(r"--selector '?([^' ]+(?:\([^)]*\))?)", command):
        labels = dict(re.findall(r"([\w./]+)=([\w-]+)", text))
        among = [
            {"key": key, "operator": "In", "values": values.split(",")}
            for key, values in re.findall(r"([\w./]+) in \(([^)]*)\)", text)
        ]
        chosen = {"matchLabels": labels, "matchExpressions": among}
        assert any(
            selects(chosen, each["metadata"]["labels"]) for each in of_kind(objects(), "Deployment")
        )


def wanted() -> set[str]:
    """The Secrets that pods and Jobs mount or read."""
    templates = [template for _, template in pods([*objects(), *jobs()])]
    text = "\n".join(yaml.safe_dump(each) for each in templates)
    mounted = set(re.findall(r"secretName: (\S+)", text))
    projected = set(re.findall(r"secret:\n(?:\s+items:(?:.*\n)+?)?\s+name: (\S+)", text))
    read = set(re.findall(r"secretKeyRef:\n\s+key: \S+\n\s+name: (\S+)", text))
    return mounted | projected | read


def test_the_secrets_that_are_made_are_those_that_are_wanted() -> None:
    made = {
        words(each)[words(each).index("generic") + 1]
        for _, each in EVERY
        if "create secret generic" in each
    }
    assert made
    assert not made - wanted()
    every = {re.sub("-(goals|topics|insights|erasures)-", "-SERVICE-", each) for each in made}
    others = "|".join([*SERVICES, "topics", "erasures"])
    left = {re.sub(f"-({others})-", "-SERVICE-", each) for each in wanted()}
    assert left == every, "each kind of Secret is made somewhere on the pages"


def test_what_is_erased_again_after_a_restore_is_read_from_what_the_list_has() -> None:
    page = (DOCS / "operating.md").read_text()
    (program,) = re.findall(r"^ *jq -r '(\.erasures\[\] .*)' \$each", page, re.MULTILINE)
    named = set(re.findall(r"\.([a-z_]+)", program))
    assert named == {"erasures", "state", "ordered_at", "person_id"}
    assert named - {"erasures"} <= ErasureResource.model_fields.keys()
    assert "erasures" in ErasurePage.model_fields
    assert re.findall(r'\.state == "(\w+)"', program) == [ErasureState.HELD]
