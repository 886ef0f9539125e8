"""`make run` as a person uses it who has just cloned the repository: start, look, follow the
README's tour, survive a kill -9, start again, stop. What is not tried here is that the locked
dependencies can be fetched: `tests.support.checkout` links those that are installed."""

import asyncio
import json
import os
import re
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from services.assembly.registry import FIRST_REST, GATEWAY
from services.ctl.exits import Exit
from services.ctl.local.stack import load_stack
from tests.support.browser import there
from tests.support.checkout import cloned
from tests.support.demo_shown import assert_all_kinds_are_shown
from tests.support.front_page import let_work, look
from tests.support.tour import Tour
from tests.support.waiting import HANGS, eventually

MAKE_RUN, UP = ("make", "run"), (".venv/bin/tandem", "up")
OURS = "KAFKA_BOOTSTRAP_SERVERS MONGODB_URI TANDEM_URL TANDEM_TOKEN TANDEM_LOCAL".split()
MAKES = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # with them a make says that it is another's
PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)
TEACHERS = 25


class Up:
    """A stack that runs in a checkout, and what it has printed."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / ".local"
        kept = {name: value for name, value in os.environ.items() if name not in (*OURS, *MAKES)}
        self.env = {**kept, "TANDEM_DEMO_TEACHERS": str(TEACHERS)}
        self.process: asyncio.subprocess.Process
        self.screen = ""

    async def begin(self, *command: str) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *command, cwd=self.home, env=self.env, stdout=-1, stderr=-1, start_new_session=True
        )

    async def run(self, *arguments: str, **env: str) -> tuple[int, str, str]:
        """Another `tandem` command beside it."""
        return await self.beside(".venv/bin/tandem", *arguments, **env)

    async def beside(self, *command: str, **env: str) -> tuple[int, str, str]:
        other = await asyncio.create_subprocess_exec(
            *command, cwd=self.home, env={**self.env, **env}, stdout=-1, stderr=-1
        )
        out, err = await other.communicate()
        return other.returncode or 0, out.decode(), err.decode()

    async def token(self, person: str) -> str:
        code, out, err = await self.run("token", "--person", person)
        assert code == Exit.OK, err
        return out.strip()

    async def caseload(self) -> Any:
        code, out, err = await self.run("caseload", "show", "--json")
        assert code == Exit.OK, err
        return json.loads(out)

    async def ready(self) -> None:
        """Until the screen is complete: its last line is about addresses."""
        assert self.process.stdout is not None
        async with asyncio.timeout(HANGS):
            while "tandem where" not in self.screen:
                line = await self.process.stdout.readline()
                assert line, await self.errors()
                self.screen += line.decode()

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def stop(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        async with asyncio.timeout(HANGS):
            assert await self.process.wait() == 0, await self.errors()
        assert self.left() == []
        assert load_stack(self.folder) is None

    def left(self) -> list[str]:
        """Running processes that belong to this folder."""
        return [said for _, said in _processes(self.folder)]

    async def kill(self) -> None:
        """-9, and not the make that has started it."""
        (itself,) = [pid for pid, said in _processes(self.home) if said.endswith("/bin/tandem up ")]
        os.kill(itself, signal.SIGKILL)
        await self.process.wait()


def _processes(within: Path) -> Iterator[tuple[int, str]]:
    """Those that are in a folder or below it, each with its command line."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if Path(os.readlink(process / "cwd")).is_relative_to(within):
                yield int(process.name), (process / "cmdline").read_text().replace("\0", " ")


@asynccontextmanager
async def up(home: Path, *command: str) -> AsyncIterator[Up]:
    """Ready to be used; killed at the end if it still runs."""
    started = Up(home)
    await started.begin(*command)
    try:
        await started.ready()
        yield started
    finally:
        if started.process.returncode is None:
            started.process.terminate()
            await started.process.wait()


async def test_up(tmp_path: Path) -> None:
    home = tmp_path / "tandem"
    cloned(home)
    async with up(home, *MAKE_RUN) as first:
        assert "eyJ" not in first.screen  # the page has tokens, and `tandem token`
        caseload = await first.caseload()
        assert len(caseload["entries"]) == TEACHERS
        flags = {flag["code"] for entry in caseload["entries"] for flag in entry["flags"]}
        assert flags == {"F1", "F2", "F3", "F4", "F5", "F8"}
        assert any(entry["last_survey"] for entry in caseload["entries"])
        address = await _address(first)
        if there():  # a Chromium; `make` says so where there is none
            await look(address, TEACHERS)
        await Tour(home, first.screen, first.env).follow()
        if there():
            await let_work(address)
        await assert_all_kinds_are_shown(address, first.token)
        await _commands_work(first)
        await _partner_works(first, address)
        code, _, err = await first.run("up")
        assert code == Exit.CANNOT_RUN
        assert "runs already" in err
        await first.kill()
        await eventually(lambda: first.left() == [], timeout=30)
    known = _facts(caseload)

    with _taken(FIRST_REST), _taken(GATEWAY):
        async with up(home, *UP) as second:
            stack = load_stack(second.folder)
            assert stack is not None
            assert stack.ports["roster"].rest != FIRST_REST
            assert stack.gateway != GATEWAY
            assert stack.address in second.screen
            assert _facts(await second.caseload()) == known
            await second.stop(signal.SIGTERM)


async def test_stopped_while_it_starts(tmp_path: Path) -> None:
    cloned(tmp_path / "tandem")
    started = Up(tmp_path / "tandem")
    await started.begin(*UP)
    await eventually(lambda: any("mongod" in each for each in started.left()), timeout=60)
    await started.stop(signal.SIGINT)


async def _address(running: Up) -> str:
    code, out, err = await running.run("where", "--json")
    assert code == Exit.OK, err
    address: str = json.loads(out)["address"]
    assert address in running.screen
    return address


async def _commands_work(running: Up) -> None:
    code, out, err = await running.run("outbox", "status", "--json")
    assert code == Exit.OK, err
    assert {row["service"] for row in json.loads(out)} >= {"goals", "surveys"}
    views = ("insights", "timeline")
    asked = [word for view in views for word in ("--view", view)]
    code, out, err = await running.run("views", "rebuild", *asked, "--json")
    assert code == Exit.OK, err
    reports = json.loads(out)
    assert [each["view"] for each in reports] == list(views)
    for report in reports:
        assert report["in_use"]
        assert report["same_as_before"]
    code, out, err = await running.run("views", "check", *asked, "--view", "goals-access", "--json")
    assert code == Exit.OK, err
    assert [each["lacking"] for each in json.loads(out)] == [0, 0, 0]
    code, out, err = await running.run("parked", "list", "--json")
    assert (code, json.loads(out)) == (Exit.OK, [])
    of = ("--who", "coach-01", "--whom", "teacher-0001", "--service", "goals", "--what", "get_goal")
    code, out, err = await running.run("access", "explain", *of, "--json")
    assert code == Exit.OK, err
    assert [each["relation"] for each in json.loads(out)] == ["coach"]
    code, out, err = await running.run("demo", "seed", "--teachers", str(TEACHERS), "--json")
    assert code == Exit.OK, err
    code, out, err = await running.run("demo", "simulate", "--seconds", "4", "--json")
    assert code == Exit.OK, err
    simulated = json.loads(out)
    assert simulated["sent"] > 0
    assert simulated["errors"] == {}
    assert simulated["changes_seen"] > 0
    assert simulated["changes_missed"] == 0


async def _partner_works(running: Up, address: str) -> None:
    """The program of docs/partners.md as it stands, by a token of the stack's own issuer."""
    program = "\n".join(PROGRAM.findall((running.home / "docs/partners.md").read_text()))
    stack = load_stack(running.folder)
    assert stack is not None
    places = {f"TANDEM_{each.upper()}": stack.grpc(each) for each in ("roster", "goals")}
    client = {"TOKEN_URL": f"{address}/login/token", "CLIENT_ID": "acme", "CLIENT_SECRET": "any"}
    code, out, err = await running.beside(".venv/bin/python", "-c", program, **places, **client)
    assert code == 0, err
    assert re.fullmatch(r"\d+ orgs, \d+ people\n[1-9]\d* goals\n", out), out


def _facts(caseload: Any) -> dict[str, Any]:
    """What a caseload says that does not change with the time."""
    return {
        entry["teacher_id"]: (entry["given_name"], len(entry["school_ids"]))
        for entry in caseload["entries"]
    }


class _taken:
    """Holds a port if nobody has it yet."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = socket.socket()
        # also where connections of the server before are still on their way out
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def __enter__(self) -> None:
        with suppress(OSError):
            self._socket.bind(("127.0.0.1", self._port))
            self._socket.listen()

    def __exit__(self, *_: object) -> None:
        self._socket.close()
