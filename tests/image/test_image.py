"""The image itself, built and run: `make image-check`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping

import httpx2
import pytest

from deploy.docker.image import MOST_BYTES, Built, bill_of, build, components, license_report
from deploy.docker.licenses import locked
from services.assembly.registry import SERVICES, TOPICS
from services.ctl.engines import Engines
from services.ctl.engines.ports import pick_port
from services.ctl.exits import Exit
from tests.support.containers import created, running, said
from tests.support.waiting import eventually

# What a stranger finds inside: who it is, what it may do, and every file that can be executed.
LOOKS = """
import json, os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
found = {
    os.path.join(folder, name)
    for folder, folders, names in os.walk("/")
    if folders.sort() is None and not folder.startswith(("/proc", "/sys", "/dev"))
    for name in names
}
print(json.dumps({
    "user": [os.getuid(), os.getgid()],
    "capabilities": status["CapEff"],
    "no new": status["NoNewPrivs"],
    "writable": sorted(
        path for path in ("/", "/etc", "/opt/tandem", "/tmp", "/usr", "/var")
        if os.access(path, os.W_OK)
    ),
    "programs": sorted(
        path for path in found
        if os.access(path, os.X_OK) and os.path.isfile(path) and ".so" not in path
    ),
}))
"""


def python(image: Built, program: str) -> str:
    code, output = said(image.name, "-c", program, options="--entrypoint python3.11")
    assert code == 0, output
    return output


def test_two_builds_give_one_digest(image: Built) -> None:
    again = build("tandem-again", anew="BASE" not in os.environ)
    assert again.digest == image.digest


def test_it_is_small(image: Built) -> None:
    assert image.bytes <= MOST_BYTES


def test_whoever_looks_inside_finds_no_shell_and_may_do_nothing(image: Built) -> None:
    found = json.loads(python(image, LOOKS))
    assert found["user"] == [65532, 65532]
    assert int(found["capabilities"], 16) == 0
    assert found["no new"] == "1"
    assert found["writable"] == []
    assert [path.rpartition("/")[2] for path in found["programs"]] == ["env", "python3.11"]


def test_the_bill_names_every_dependency_and_every_license_is_known(image: Built) -> None:
    bill = bill_of(image)
    named = {part["purl"].partition("@")[0].lower() for part in components(bill)}
    assert {f"pkg:pypi/{name}" for name in locked()} <= named
    assert "pkg:deb/debian/libc6" in named
    assert all(said for _, _, said in license_report(bill))


@pytest.fixture
def settings(engines: Engines) -> Mapping[str, str]:
    return {
        **engines.environment(),
        "ENVIRONMENT": "test",
        "HOST": "127.0.0.1",
        "REST_PORT": "0",
        "GRPC_PORT": "0",
        "LEAVE_SECONDS": "0",
    }


def test_the_command_line_makes_topics_and_indexes(
    image: Built, settings: Mapping[str, str]
) -> None:
    code, output = said(image.name, "tandem", "topics", "ensure", "--json", **settings)
    assert code == 0, output
    assert set(json.loads(output)["made"]) <= set(TOPICS)
    code, output = said(image.name, "tandem", "indexes", "ensure", "--json", **settings)
    assert code == 0, output


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_gets_ready_and_drains(
    service: str, image: Built, settings: Mapping[str, str]
) -> None:
    port = pick_port()

    async def ready() -> bool:
        try:
            async with httpx2.AsyncClient(timeout=2) as client:
                return (await client.get(f"http://127.0.0.1:{port}/readyz")).is_success
        except httpx2.HTTPError:
            return False

    with running(image.name, service, **settings, INTERNAL_PORT=str(port)) as made:
        await eventually(ready, timeout=120)
        made.tell()
        assert made.code() == 0, made.output
        assert "role_ended" not in made.output
        assert "role_cancelled" not in made.output


@pytest.mark.parametrize("turn", range(5))
async def test_the_first_process_of_a_container_hears_from_its_beginning(
    turn: int, image: Built
) -> None:
    nowhere = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "MONGODB_URI": "mongodb://127.0.0.1:1"}
    ports = dict.fromkeys(("REST_PORT", "GRPC_PORT", "INTERNAL_PORT", "LEAVE_SECONDS"), "0")
    with created(image.name, "goals", ENVIRONMENT="test", **nowhere, **ports) as made:
        await made.start_and_tell()
        assert made.code() == 0, made.output


async def test_a_command_that_is_told_to_end_does_not_say_that_it_is_done(image: Built) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        command = ("tandem", "topics", "ensure", "--kafka-bootstrap-servers", address)
        with created(image.name, *command) as made:
            await made.start_and_tell()
            assert made.code() == Exit.INTERRUPTED


def test_whatever_else_is_answered_by_what_there_is(image: Built) -> None:
    code, output = said(image.name, "sh")
    assert code == 2
    assert output.startswith("say what to run: roster, ")
