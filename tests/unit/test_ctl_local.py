"""What `tandem` keeps in `.local`: keys, the running stack, the lock, the demo's marker."""

import json
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from services.access.districts import load_districts
from services.assembly.registry import SERVICES
from services.chassis.settings import BadSettings
from services.ctl.demo import marker
from services.ctl.demo.seed import Seeding
from services.ctl.engines.ports import pick_port
from services.ctl.exits import Exit, Stop
from services.ctl.local import keys
from services.ctl.local.districts import DEMO, said_by, write_districts
from services.ctl.local.lock import only_one
from services.ctl.local.processes import environment
from services.ctl.local.stack import (
    PortNumbers,
    Stack,
    forget_stack,
    load_stack,
    local_folder,
    pick_ports,
)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    public = keys.ensure_key(tmp_path)
    before = public.read_bytes()
    assert keys.ensure_key(tmp_path).read_bytes() == before
    assert stat.S_IMODE((tmp_path / "private.json").stat().st_mode) == 0o600
    assert "d" not in json.loads(before)["keys"][0]


def test_a_token_speaks_for_one_district(tmp_path: Path) -> None:
    path = write_districts(tmp_path, {"a": {}, "b": {"time_zone": "Pacific/Honolulu"}})
    districts = load_districts(str(path), "development")
    assert districts.of("b").time_zone == "Pacific/Honolulu"
    folder = tmp_path / "keys"
    known = KeySet.import_key_set(json.loads((folder / "jwks.json").read_text()))
    person = jwt.decode(keys.sign(folder, "a", "coach-01"), known, algorithms=["ES256"]).claims
    partner = jwt.decode(
        keys.sign(folder, "b", "sis", ("roster.write",)), known, algorithms=["ES256"]
    ).claims
    of = {each.issuer: each for each in districts.issuers}
    assert (of[person["iss"]].district, of[person["iss"]].partner) == ("a", False)
    assert (of[partner["iss"]].district, of[partner["iss"]].partner) == ("b", True)
    assert partner["scope"] == "roster.write"
    assert person["exp"] - person["iat"] <= of[person["iss"]].max_age_seconds


def test_districts_of_ones_own_are_used_beside_those_of_the_demo(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "districts:\n  cedar: {small_n: 6, days_without_school: [2026-11-11]}\n"
        "  lakewood: {time_zone: Europe/Paris, issuers: [{issuer: x, audience: t, jwks_uri: u}]}\n"
    )
    folder = tmp_path / "local"
    folder.mkdir()
    made = write_districts(folder, said_by(str(own), demo=True))
    districts = load_districts(str(made), "development")
    assert set(districts.by_name) == {"lakewood", "brookfield", "cedar"}
    assert (districts.of("cedar").small_n, districts.of("lakewood").time_zone) == (
        6,
        "Europe/Paris",
    )
    assert [each.issuer for each in districts.of("lakewood").issuers] == [
        "x",
        "tandem-dev:lakewood",
        "tandem-dev:lakewood:partners",
    ]
    assert set(said_by(str(own), demo=False)) == {"lakewood", "cedar"}
    assert said_by("", demo=False) == DEMO
    before = made.read_text()
    assert before.startswith("# Made by `tandem up`")
    write_districts(folder, said_by(str(made), demo=True))  # a copy of ours is as good
    assert load_districts(str(made), "development") == districts


@pytest.mark.parametrize("text", ["districts: {a: {small_n: 2}}", "districts: {}"])
def test_a_wrong_file_of_ones_own_is_named(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(text)
    with pytest.raises(Stop, match=r"own\.yaml") as stop:
        said_by(str(own), demo=False)
    assert stop.value.code == Exit.USAGE


def test_production_refuses_the_issuers_of_a_local_stack(tmp_path: Path) -> None:
    path = write_districts(tmp_path, {"a": {}})
    with pytest.raises(BadSettings, match="the development issuer is refused"):
        load_districts(str(path), "production")


def test_a_stack_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    stack = Stack(
        "k:1",
        "mongodb://m",
        {each: PortNumbers(1, 2, 3) for each in SERVICES},
        {"coach": "coach-01"},
        4,
    )
    assert load_stack(tmp_path) is None
    stack.save(tmp_path)
    assert load_stack(tmp_path) == stack
    assert stack.rest("goals") == "http://127.0.0.1:1"
    assert stack.address == "http://127.0.0.1:4"
    forget_stack(tmp_path)
    forget_stack(tmp_path)
    assert load_stack(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"kafka": 1}', '{"ports": {"x": {"a": 1}}}'])
def test_a_broken_stack_file_is_no_stack(tmp_path: Path, content: str) -> None:
    (tmp_path / "stack.json").write_text(content)
    assert load_stack(tmp_path) is None


def test_ports_are_all_different() -> None:
    ports = pick_ports()
    every = [port for each in ports.values() for port in (each.rest, each.grpc, each.internal)]
    assert len(set(every)) == 3 * len(SERVICES)


def test_a_port_is_given_once_and_never_one_that_an_outgoing_connection_may_get() -> None:
    ports = {pick_port() for _ in range(200)}
    assert len(ports) == 200
    assert max(ports) < 32_768  # Linux gives these and higher ones, others higher ones only


def test_the_folder_is_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_LOCAL", str(tmp_path))
    assert local_folder() == tmp_path
    monkeypatch.delenv("TANDEM_LOCAL")
    assert local_folder().name == ".local"


def test_one_at_a_time(tmp_path: Path) -> None:
    held = (
        "import sys; from pathlib import Path; from services.ctl.local.lock import only_one\n"
        "with only_one(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(Stop, match=f"runs already.*process {other.pid}") as stop,
            only_one(tmp_path),
        ):
            pass
        assert stop.value.code == Exit.CANNOT_RUN
        other.kill()  # its lock dies with it
        other.wait()
    with only_one(tmp_path):
        assert (tmp_path / "lock").read_text().strip()


def test_the_demo_is_marked_as_begun_and_as_finished(tmp_path: Path) -> None:
    plan = Seeding(date(2026, 11, 22), 25)
    assert marker.begun(tmp_path) is None
    marker.note(tmp_path, plan, finished=False)
    assert marker.begun(tmp_path) == (plan, False)
    marker.note(tmp_path, plan, finished=True)
    assert marker.begun(tmp_path) == (plan, True)


def test_services_are_told_how_engines_of_others_are_reached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KAFKA_SASL_USERNAME", "goals")
    monkeypatch.setenv("MONGODB_CA_FILE", "/run/ca.crt")
    monkeypatch.setenv("MONGODB_DATABASE", "another")
    stack = Stack("kafka:9093", "mongodb://db/?tls=true", {"goals": PortNumbers(1, 2, 3)})
    told = environment(stack, "goals", tmp_path / "districts.yaml")
    assert told["KAFKA_SASL_USERNAME"] == "goals"
    assert told["MONGODB_CA_FILE"] == "/run/ca.crt"
    assert told["KAFKA_BOOTSTRAP_SERVERS"] == "kafka:9093"
    assert told["MONGODB_DATABASE"] == "tandem_goals"
