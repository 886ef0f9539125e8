"""`tandem doctor` ends in time whatever its checks do, and lets no secret out."""

from __future__ import annotations

import asyncio
import io
import json
import stat
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.assembly.registry import SERVICES
from services.assembly.service import VERSION
from services.chassis.engine_settings import EngineSettings
from services.chassis.kernel import OperatorError
from services.chassis.settings import load
from services.ctl.__main__ import run
from services.ctl.doctor.examine import CHECKS, examine
from services.ctl.doctor.finding import Case, Finding, Inquiry, Verdict
from services.ctl.doctor.redacted import Redactor
from services.ctl.exits import Exit
from services.ctl.local.districts import DEMO, write_districts
from services.ctl.local.stack import Stack
from tests.support.command_line import ports_of
from tests.support.doctoring import case
from tests.support.fake_services import fake_services

SECRETS = ("p%40ss-w0rd", "p@ss-w0rd", "sasl-hush", "district-user")


@pytest.fixture(autouse=True)
def _no_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TANDEM_URL", "MONGODB_URI", "KAFKA_BOOTSTRAP_SERVERS", "DISTRICTS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TANDEM_LOCAL", str(tmp_path))


async def right(case: Case, about: str) -> AsyncIterator[Finding]:
    yield Finding("right", about, Verdict.RIGHT, "is there")


async def stuck(case: Case, about: str) -> AsyncIterator[Finding]:
    yield Finding("stuck", about, Verdict.RIGHT, "the first of two")
    await asyncio.Event().wait()


def broken(case: Case, about: str) -> AsyncIterator[Finding]:
    raise ValueError("what a teacher wrote")


def refused(case: Case, about: str) -> AsyncIterator[Finding]:
    raise OperatorError("the user may not")


async def test_no_check_ends_the_others_and_each_has_its_limit() -> None:
    checks = [Inquiry("stuck", stuck), Inquiry("broken", broken), Inquiry("refused", refused)]
    found = await examine(case(), 0.01, [*checks, Inquiry("right", right, each=True)])
    assert [(each.check, each.about, each.told) for each in found] == [
        ("stuck", "", "the first of two"),
        ("stuck", "", "no answer within 0.01 s"),
        ("broken", "", "cannot be told: ValueError"),
        ("refused", "", "cannot be told: OperatorError (the user may not)"),
        ("right", "goals", "is there"),
    ]
    assert [each.state for each in found[1:4]] == [Verdict.WRONG] * 3


async def test_what_needs_an_engine_that_is_away_is_unseen() -> None:
    checks = [Inquiry("mongodb", stuck), Inquiry("views", right, needs=("kafka", "mongodb"))]
    found = await examine(case(), 0.01, [*checks, Inquiry("topics", right, needs=("kafka",))])
    assert [(each.check, each.state) for each in found[2:]] == [
        ("views", Verdict.UNSEEN),
        ("right", Verdict.RIGHT),
    ]
    assert found[2].told == "MongoDB does not answer"


async def test_who_does_not_answer_at_first_is_asked_again() -> None:
    """As behind a network that knows a new pod only after a second."""
    asked: list[str] = []

    async def opened(case: Case, about: str) -> AsyncIterator[Finding]:
        asked.append("")
        state = Verdict.RIGHT if len(asked) > 1 else Verdict.WRONG
        yield Finding("opened", about, state, "refused or not")

    (found,) = await examine(case(patience=60), 60, [Inquiry("a", opened, again=Verdict.WRONG)])
    assert (found.state, len(asked)) == (Verdict.RIGHT, 2)
    asked.clear()
    (found,) = await examine(case(patience=60), 60, [Inquiry("a", opened)])
    assert (found.state, len(asked)) == (Verdict.WRONG, 1)
    asked.clear()
    (found,) = await examine(case(), 60, [Inquiry("a", opened, again=Verdict.WRONG)])
    assert (found.state, len(asked)) == (Verdict.WRONG, 1)


def test_what_is_reached_by_the_network_is_asked_again() -> None:
    again = {each.name for each in CHECKS if each.again}
    assert again == {"kafka", "mongodb", "certificates", "issuers", "services"}


def test_every_check_has_a_name_of_its_own() -> None:
    assert len({each.name for each in CHECKS}) == len(CHECKS)


@pytest.fixture
def secret(tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that are away, and whose users have passwords."""
    place = f"127.0.0.1:{unused_tcp_port}"
    (tmp_path / "password").write_text("sasl-hush\n")
    for name, value in {
        "MONGODB_URI": f"mongodb://district-user:p%40ss-w0rd@{place}/?connectTimeoutMS=50",
        "KAFKA_BOOTSTRAP_SERVERS": place,
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_SASL_USERNAME": "tandem-goals",
        "KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "password"),
        "TANDEM_TOKEN": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
    }.items():
        monkeypatch.setenv(name, value)


def told(capsys: pytest.CaptureFixture[str]) -> str:
    found = capsys.readouterr()
    return found.out + found.err


@pytest.mark.usefixtures("secret")
def test_engines_that_are_away_are_told_and_no_secret_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle.zip"
    asked = ["doctor", "--service", "goals", "--bundle", str(path), "--seconds", "20"]
    assert run(asked) == Exit.PROBLEMS
    lines = told(capsys)
    for line in ("wrong  kafka         ", "wrong  mongodb       goals: ", "unseen views         g"):
        assert line in lines
    assert "wrong  districts     there is no districts file. Do: name it in" in lines
    assert path.stat().st_mode & 0o777 == stat.S_IRUSR | stat.S_IWUSR
    with zipfile.ZipFile(path) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert parts.keys() == {"findings.json", "settings.json", "installed.json"}
    assert json.loads(parts["settings.json"])["mongodb_uri"] == "**********"
    everything = "\n".join([lines, *parts.values()])
    for each in (*SECRETS, "eyJ"):
        assert each not in everything


@pytest.mark.usefixtures("secret")
def test_a_bundle_may_be_piped_and_its_lines_are_told_beside_it(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert run(["doctor", "--service", "goals", "--bundle", "-"]) == Exit.PROBLEMS
    found = capsysbinary.readouterr()
    with zipfile.ZipFile(io.BytesIO(found.out)) as bundle:
        told = json.loads(bundle.read("findings.json"))
    assert b"wrong  kafka         " in found.err
    assert f"{told['counts']['wrong']} wrong of {len(told['findings'])}".encode() in found.err


def test_a_bundle_and_json_are_not_written_to_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--bundle", "-", "--json"]) == Exit.USAGE
    assert "--bundle -: not with --json" in told(capsys)


@pytest.mark.usefixtures("secret")
def test_settings_that_do_not_fit_are_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_SASL_MECHANISM", "PLAIN")
    assert run(["doctor", "--json"]) == Exit.PROBLEMS
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert (found["check"], found["state"]) == ("settings", "wrong")
    assert "KAFKA_SASL_MECHANISM: PLAIN needs TLS" in found["told"]
    assert found["do"]


@pytest.mark.parametrize("at", ["goals", "gaols=http://a", "goals=a:8080"])
def test_an_address_of_a_service_is_said_as_it_should_be(
    at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--at", at]) == Exit.USAGE
    assert "--at is SERVICE=URL" in capsys.readouterr().err


def test_without_addresses_and_a_local_stack_it_says_what_to_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["doctor"]) == Exit.NOT_FOUND
    assert "MONGODB_URI" in capsys.readouterr().err


LEAKS = {
    "mongodb://district-user:p%40ss-w0rd@a:1/?x": "mongodb://***@a:1/?x",
    "mongodb+srv://u:p@ss:w/rd@b.example.org": "mongodb+srv://***@b.example.org",
    "login p@ss-w0rd refused": "login *** refused",
    "sasl-hush": "***",
    "Authorization: Bearer abc.def": "Authorization: ***",
    "got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln back": "got *** back",
    "https://login.example.org/keys?code=s3cret was": "https://login.example.org/keys?*** was",
}


@pytest.mark.parametrize("text", LEAKS)
def test_what_a_library_says_is_cleared_of_secrets(text: str) -> None:
    settings = load(
        EngineSettings,
        environment="test",
        mongodb_uri="mongodb://district-user:p%40ss-w0rd@a:1/",
        kafka_security_protocol="SASL_PLAINTEXT",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="tandem-goals",
        kafka_sasl_password="sasl-hush",
    )
    redactor = Redactor(settings)
    assert redactor.text(text) == LEAKS[text]
    assert redactor.value({"a": [text]}) == {"a": [LEAKS[text]]}


def test_without_addresses_it_looks_at_the_local_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with fake_services() as fake:
        for name in SERVICES:
            told = {"info": {"version": VERSION}, "paths": {}}
            fake.answers["GET", f"/{name}/openapi.json"] = (200, told)
        ports = ports_of(fake)
        Stack("127.0.0.1:1", "mongodb://127.0.0.1:1/?connectTimeoutMS=50", ports).save(tmp_path)
        write_districts(tmp_path, DEMO)
        assert run(["doctor", "--seconds", "8"]) == Exit.PROBLEMS
    lines = capsys.readouterr().out
    for name in SERVICES:
        assert f"right  services      {name}: answers, version {VERSION}" in lines
    assert "right  districts     2 with issuers" in lines
    assert "right  issuers       tandem-dev:lakewood: 1 usable key for lakewood" in lines
    assert "wrong  kafka         " in lines
