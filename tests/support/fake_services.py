"""A small HTTP server that answers as it is told, for the command line to talk to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CASELOAD: dict[str, Any] = {
    "coach_id": "coach-01",
    "school_year": 2027,
    "entries": [
        {
            "teacher_id": "teacher-0001",
            "given_name": "Nina",
            "family_name": "Evans",
            "school_ids": ["school-01"],
            "last_contact_at": "2026-11-18T09:02:00Z",
            "last_observation": None,
            "open_goals": [
                {
                    "goal_id": "g1",
                    "state": "active",
                    "measure_id": "student-talk-share",
                    "unit": "percent",
                    "direction": "increase",
                    "baseline": 20.0,
                    "current": 31.0,
                    "target": 45.0,
                    "progress_share": 0.44,
                    "due_date": "2027-01-15",
                }
            ],
            "last_survey": {
                "administration_id": "a1",
                "instrument_id": "i1",
                "series_id": "i1",
                "validation_status": "local",
                "closed_at": "2026-11-06T16:02:00Z",
                "suppressed": True,
                "small_n": 10,
                "n_min": None,
                "n_max": None,
                "favorable_share": None,
            },
            "flags": [
                {
                    "code": "F2",
                    "rule_version": 1,
                    "evidence_ids": ["o1"],
                    "since": "2026-11-18T00:00:00Z",
                    "flag_id": "F2-0f1e2d3c4b5a6978-8796a5b4c3d2e1f0",
                    "answer": None,
                    "flag_answer_id": None,
                }
            ],
            "incomplete": False,
            "not_shared": [],
            "newest_event_at": "2026-11-18T09:02:00Z",
            "due_step": None,
            "from_school_year": None,
        }
    ],
    "as_of": "2026-11-22T19:41:05Z",
    "stale": False,
    "time_zone": "America/Los_Angeles",
}

REPORT: dict[str, Any] = {
    "validate_only": False,
    "stopped": False,
    "counts": {"people": {"created": 2, "changed": 0, "unchanged": 1, "removed": 0, "rejected": 1,
                          "held": 3}},
    "problems": [
        {"file": "users.csv", "line": 7, "column": "familyName", "code": "missing",
         "reason": "is missing"},
    ],
    "problem_count": 1,
    "totals": [{"file": "users.csv", "code": "missing", "count": 1}],
    "notes": [
        {"file": "roles.csv", "column": "beginDate", "code": "us_date", "rows": 2,
         "reason": "read as month/day"},
    ],
}  # fmt: skip


def imported(report: Any = REPORT, state: str = "done", **more: Any) -> dict[str, Any]:
    """An import with that report."""
    told = {"import_id": "i1", "state": state, "done": 2, "total": 2, "code": "", "detail": ""}
    return {**told, "report": report, **more}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeServices:
    """`answers`: (method, path without query) -> status and content, which is JSON unless it
    is text; a list is used up one by one. `asked`: what was asked."""

    url: str = ""
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        known = self.answers.get((method, path))
        if isinstance(known, list):
            known = known.pop(0) if known else None
        if known is None:
            return 404, problem(404, "not_found", "It does not exist.")
        status, content = known
        return status, content


def problem(status: int, code: str, detail: str, *pointers: str) -> dict[str, Any]:
    errors = [{"pointer": each, "code": code, "detail": detail} for each in pointers]
    return {"status": status, "code": code, "title": code, "detail": detail, "errors": errors}


def event(kind: str, place: str, **data: Any) -> str:
    return f"event: {kind}\nid: {place}\ndata: {json.dumps(data)}\n\n"


@contextmanager
def fake_services() -> Iterator[FakeServices]:
    fake = FakeServices()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: FakeServices) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            fake.asked.append(Asked(self.command, self.path, headers, body))
            status, content = fake.answer(self.command, self.path.partition("?")[0])
            text = isinstance(content, str)
            sent = content.encode() if text else json.dumps(content).encode()
            self.send_response(status)
            kind = "text/csv" if self.path.endswith("/report") else "text/event-stream"
            self.send_header("Content-Type", kind if text else "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _any

    return Handler
