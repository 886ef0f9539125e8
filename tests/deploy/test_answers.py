"""`helm test`: what its pod runs sees services that answer, and says what is wrong with others."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType

import pytest

from tests.support.charts import LEAST, rendered
from tests.support.helm import CHART, of_kind, render

DOCUMENT: Mapping[str, object] = {
    "paths": {"/goals/v1/goals/{id}": {"get": {}}, "/goals/v1/goals": {"get": {}}}
}


@pytest.fixture(scope="module")
def check() -> ModuleType:
    module = ModuleType("check")
    code = compile((CHART / "files/check.py").read_text(), "check.py", "exec")
    exec(code, module.__dict__)
    module.__dict__.update(TRIES=1, PAUSE_SECONDS=0)
    return module


@pytest.fixture
def answers() -> dict[str, tuple[int, object]]:
    return {"/goals/openapi.json": (200, DOCUMENT), "/goals/v1/goals": (401, {})}


@pytest.fixture
def url(answers: dict[str, tuple[int, object]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            whose = self.headers.get("Authorization", "")
            status, body = answers.get(f"{self.path} {whose}".strip(), (404, {}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_service_that_answers_is_right(
    check: ModuleType, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main([f"goals={url}"]) == 0
    assert capsys.readouterr().out == "goals         right\n"


def test_one_that_lets_strangers_in_is_not(
    check: ModuleType, url: str, answers: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    answers["/goals/v1/goals"] = (200, [])
    assert check.main([f"goals={url}"]) == 1
    assert "/goals/v1/goals answers 200 to a stranger, not 401" in capsys.readouterr().out


def test_one_that_is_down_is_not_and_the_others_are_asked(
    check: ModuleType, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(["surveys=http://127.0.0.1:1", f"goals={url}"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("surveys       http://127.0.0.1:1: ")
    assert second == "goals         right"


ME = "/roster/v1/me Bearer hush"
REFUSED = {"detail": "The token is refused: expired (get a new one)."}


@pytest.mark.parametrize(
    ("token", "answer", "code", "says"),
    [
        ("hush\n", (200, {"person_id": "coach-01"}), 0, "right"),
        ("hush", (401, REFUSED), 1, "answers 401 to the token of tests.token: The token is ref"),
        ("hush\nhush", (200, {}), 1, "what tests.token names is no token"),
        ("", (500, {}), 0, ""),
    ],
)
def test_a_token_that_is_given_is_asked_who_that_is_and_never_shown(
    check: ModuleType,
    url: str,
    answers: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    token: str,
    answer: tuple[int, object],
    code: int,
    says: str,
) -> None:
    monkeypatch.setenv("CHECK_TOKEN", token)
    document: Mapping[str, object] = {"paths": {"/roster/v1/people": {"get": {}}}}
    answers.update({"/roster/openapi.json": (200, document), "/roster/v1/people": (401, {})})
    answers[ME] = answer
    assert check.main([f"roster={url}"]) == code
    said = capsys.readouterr().out
    assert said.startswith("roster        right\n")
    assert says in said.partition("\n")[2]
    assert "hush" not in said


def test_the_pod_has_the_token_that_is_named() -> None:
    objects = render({**LEAST, "tests": {"token": {"secret": "a-coach"}}})
    (pod,) = [each for each in of_kind(objects, "Pod") if "test" in each["metadata"]["name"]]
    (variable,) = pod["spec"]["containers"][0]["env"]
    named = {"secretKeyRef": {"name": "a-coach", "key": "token"}}
    assert variable == {"name": "CHECK_TOKEN", "valueFrom": named}


def test_the_pod_asks_every_service() -> None:
    objects = rendered("least")
    (pod,) = [each for each in of_kind(objects, "Pod") if "test" in each["metadata"]["name"]]
    _, _, script, *asked = pod["spec"]["containers"][0]["command"]
    assert script == (CHART / "files/check.py").read_text()
    services = {each["metadata"]["name"]: each for each in of_kind(objects, "Service")}
    for each in asked:
        service, _, url = each.partition("=")
        host, _, port = url.removeprefix("http://").partition(":")
        assert services[host]["spec"]["ports"][0]["port"] == int(port)
        assert services[host]["metadata"]["labels"]["app.kubernetes.io/component"] == service
    assert len(asked) == len(services)
