"""What every operation answers to good and bad requests, as lines to be kept and compared.

One exchange is what was asked in words, the status, and what came back: a refusal as its code
and the places it names, an answer whole. What differs from run to run (ids, codes, tokens) is
replaced by a name.
"""

from __future__ import annotations

import copy
import difflib
import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from services.chassis.views.decode import message_class
from tests.support import rpcs
from tests.support.filled import Filled
from tests.support.golden import FOLDER
from tests.support.hostile_json import broken, missing
from tests.support.hostile_proto import broken as broken_message
from tests.support.operations import ANONYMOUS, SEEN, Route, caller_of, example_body, routes
from tests.support.raw_http import JSON, Header, RawAnswer, send

ROOT = Path(__file__).parents[2]
WRITES = "tests/contract/test_exchanges.py tests/component/test_who_may.py"
NORTH = "north"
OTHERS = ("teacher-0001", "teacher-0002", "coach-01", "admin-01", "nobody", "sis?other.scope")
NEVER_ENDING, OF_BYTES = "watch_caseload", "import_roster"
_ABOUT = re.compile(r"[+-](\w+: [^>]*?) -> ")  # which operation was asked how
_WRONG = ("7", "true", "null", "[]", "{}", '"Zanzibar77"', '""', "1.5")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODE = re.compile(r'("codes?": ?)("[^"]+"|\[[^\]]*\])')
_TOKEN = re.compile(r'("next(?:_p|P)age_?[tT]oken": ?)"[^"]+"')
_AS_OF = re.compile(r'("(?:as_of|expires_at)": ?)"[^"]+"')  # by the real clock
_TICKET = re.compile(r'("ticket": ?)"[^"]+"')
_POSITION = re.compile(r'("position": ?)"[^"]+"')
_SHA = re.compile(r'("(?:\w+_)?sha256": ?)"[0-9a-f]+"')  # packed as this machine packs; of ids
_SIGNATURE = re.compile(r'("signature": ?)"[\w-]{86}"')  # of what has ids in it
_SIZE = re.compile(r'("size": ?)"?[0-9]+"?')
_LINK = re.compile(r"page_token=[\w-]+")
_KEPT = ("etag", "location", "link", "idempotency-replayed", "retry-after", "www-authenticate")

Line = str


MOST_SHOWN = 20  # lines of a difference


def assert_golden(name: str, found: str) -> None:
    """`found` is what the file says; with GOLDEN=write it is written. Else the failure says which
    operations differ and how, and what writes it anew."""
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    kept = path.read_text() if path.exists() else ""
    if found.splitlines() != kept.splitlines():
        pytest.fail(_difference(name, kept, found), pytrace=False)


def _difference(name: str, kept: str, found: str) -> str:
    lines = difflib.unified_diff(kept.splitlines(), found.splitlines(), "kept", "found", "", "", 0)
    changed = [each for each in lines if each[:1] in "+-" and each[:3] not in ("+++", "---")]
    about = dict.fromkeys(m[1] for each in changed if (m := _ABOUT.match(each)))
    more = len(changed) - MOST_SHOWN
    return "\n".join(
        [
            f"{name} differs{': ' if about else ''}{', '.join(about)}",
            *changed[:MOST_SHOWN],
            *([f"... and {more} lines more"] if more > 0 else []),
            f"If it is meant: GOLDEN=write .venv/bin/pytest {WRITES}; then read "
            f"git diff {FOLDER.relative_to(ROOT)}/{name}",
        ]
    )


class Names:
    """Gives the ids of a platform their names, and every other id the next number."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._names = {of: name for name, of in ids.items() if _UUID.fullmatch(of)}

    def __call__(self, text: str) -> str:
        for pattern, name in (
            (_CODE, "code"),
            (_TOKEN, "token"),
            (_TICKET, "ticket"),
            (_POSITION, "position"),
            (_AS_OF, "instant"),
            (_SHA, "digest"),
            (_SIGNATURE, "signature"),
            (_SIZE, "bytes"),
        ):
            text = pattern.sub(rf'\1"{{{name}}}"', text)
        return _UUID.sub(self._name, _LINK.sub("page_token={token}", text))

    def _name(self, found: re.Match[str]) -> str:
        name = self._names.setdefault(found[0], f"id {len(self._names)}")
        return f"{{{name}}}"


async def over_rest(platform: Filled, service: str) -> AsyncIterator[Line]:
    """The exchanges of a service over REST: first what is refused, then what is done."""
    ids, names = platform.ids[NORTH], Names(platform.ids[NORTH])
    app = platform.services[service].app
    own = [each for each in routes(platform) if each.service == service]

    async def line(route: Route, what: str, **sent: Any) -> Line:
        leave = int(route.operation == NEVER_ENDING)
        answer = await send(app, route.method, sent.pop("target"), leave_after=leave, **sent)
        return names(f"{route.operation}: {what} -> {_told(answer)}")

    for route in own:
        for what, sent in _refused(platform, route, ids):
            yield await line(route, what, **sent)
    # what is of an open survey comes before it is closed
    for route in sorted(own, key=lambda each: each.operation not in ANONYMOUS):
        if route.operation in (NEVER_ENDING, OF_BYTES):
            continue
        for what, sent in _done(platform, route, ids):
            yield await line(route, what, **sent)


async def over_grpc(platform: Filled, service: str) -> AsyncIterator[Line]:
    """As `over_rest`, over gRPC."""
    ids, names = platform.ids[NORTH], Names(platform.ids[NORTH])
    own = [each for each in rpcs.rpcs(platform) if each.service == service]
    async with rpcs.served(platform) as channels:

        async def line(
            rpc: rpcs.Rpc, what: str, request: Message | bytes, *more: tuple[str, str]
        ) -> Line:
            metadata = more or rpcs.bearer(rpc, NORTH)
            try:
                answer = await rpcs.call(channels[service], rpc, request, metadata)
            except grpc.aio.AioRpcError as error:
                return names(f"{rpc.operation}: {what} -> {_refusal(error)}")
            return names(f"{rpc.operation}: {what} -> {_message(rpc, answer)}")

        for rpc in own:
            good = rpcs.example(platform, rpc, ids)
            for other in OTHERS:
                if rpc.operation not in (NEVER_ENDING, OF_BYTES, *ANONYMOUS) and _reads(rpc):
                    who = ("authorization", f"Bearer {NORTH}/{other}")
                    yield await line(rpc, f"as {other}", good, who)
            yield await line(rpc, "no token", good, ("x-none", ""))
            for field, each in _first_of_each_field(good):
                yield await line(rpc, f"{field} broken", each)
        for rpc in sorted(own, key=lambda each: each.operation not in ANONYMOUS):
            if rpc.operation not in (NEVER_ENDING, OF_BYTES):
                good = rpcs.example(platform, rpc, ids)
                yield await line(rpc, "good", good)
                yield await line(rpc, "again", good)


def _reads(rpc: rpcs.Rpc) -> bool:
    return rpc.operation.startswith(("get_", "list_", "read_", "follow_"))


def _first_of_each_field(good: Message) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    for each in broken_message(good, frozenset()):
        if each.field not in seen:
            seen.add(each.field)
            yield each.field, each.raw


def _refused(
    platform: Filled, route: Route, ids: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    good = example_body(platform, route, ids) if route.body else None
    body = json.dumps(good).encode() if route.body else b""
    to = _target(route, ids)
    yield "no token", {"target": to, "headers": [JSON], "body": body}
    for other in OTHERS:
        if route.method == "GET" and route.operation != NEVER_ENDING:
            who = [(b"authorization", f"Bearer {NORTH}/{other}".encode())]
            yield f"as {other}", {"target": to, "headers": who}
    base = {"target": to, "body": body}
    if route.method == "GET":
        listed = any(each["name"] == "page_size" for each in route.parameters)
        paged = ("page_size=-1", "page_size=x", "page_token=x") if listed else ()
        for query in ("color=red", *paged):
            mark = "&" if "?" in to else "?"
            yield query, {"target": f"{to}{mark}{query}", "headers": _headers(route)}
        if "?" in to:
            yield "no query", {"target": to.partition("?")[0], "headers": _headers(route)}
    else:
        for name, value in ((b"if-match", b"3"), (b"idempotency-key", b"a b")):
            more = (name, value)
            yield f"{name.decode()}: {value.decode()}", {**base, "headers": _headers(route, more)}
    if "{" in route.template:
        for bad in ("nowhere", "a%00b"):
            other_ids = {**ids, **dict.fromkeys(re.findall(r"{(\w+)}", route.template), bad)}
            path = route.template.format(**other_ids)
            yield f"path {bad}", {**base, "target": path, "headers": _headers(route)}
    if route.body is None:
        return
    for each in missing(route, good):
        yield f"{each.place} missing", {"target": to, "headers": _headers(route), "body": each.body}
    for each in broken(route, good):
        if each.what in _WRONG or each.what.startswith("key b'Zanzibar77'"):
            what = f"{each.place or '/'} = {each.what}"
            yield what, {"target": to, "headers": _headers(route), "body": each.body}
    for what, text in (("no json", b"{"), ("no object", b"[]"), ("nothing", b"")):
        yield what, {"target": to, "headers": _headers(route), "body": text}
    yield "no media type", {**base, "headers": _headers(route)[:-1]}


def _done(
    platform: Filled, route: Route, ids: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    good = example_body(platform, route, ids) if route.body else None
    body = json.dumps(good).encode() if route.body else b""
    to = _target(route, ids)
    if route.method == "GET":
        yield "good", {"target": to, "headers": _headers(route)}
        return
    seen = (b"if-match", b'"999"')
    stale = ("stale", {"target": to, "headers": _headers(route, seen), "body": body})
    of_one = "{" in route.template and route.operation not in ANONYMOUS
    if of_one:  # while it is in a state in which all else is right
        yield stale
    key = (b"idempotency-key", f"once-{route.operation}".encode())
    yield "good", {"target": to, "headers": _headers(route, key), "body": body}
    yield "again", {"target": to, "headers": _headers(route, key), "body": body}
    if isinstance(good, dict):
        other = copy.deepcopy(good)
        name = next((each for each in other if isinstance(other[each], str)), "")
        other[name] = f"{other[name]}1" if name else other.pop(name, None)
        text = json.dumps(other).encode()
        yield "again, otherwise", {"target": to, "headers": _headers(route, key), "body": text}
    if not of_one:
        yield stale


def _target(route: Route, ids: Mapping[str, str]) -> str:
    query = "&".join(f"{name}={ids[name]}" for name in route.asks)
    return route.path(ids) + (f"?{query}" if query else "")


def _headers(route: Route, *more: Header) -> list[Header]:
    token = caller_of(route.operation, NORTH)
    who = [(b"authorization", f"Bearer {token}".encode())] if token else []
    seen = SEEN.get(route.operation)
    version = [(b"if-match", seen.encode())] if seen else []
    given = dict(more)
    return [*who, *[each for each in version if each[0] not in given], *more, JSON]


def _told(answer: RawAnswer) -> str:
    headers = [
        f"{name}: {answer.headers[name]}"
        for name in _KEPT
        if not answer.headers.get(name, "W/").startswith("W/")  # a digest of what stands beside it
    ]
    if answer.status >= 400:
        found = answer.json()
        places = [f"{each['pointer']} {each['code']}" for each in found["errors"]]
        return "; ".join([f"{answer.status} {found['code']}", *places, *headers])
    text = ""
    if answer.body and answer.headers["content-type"] == "application/json":
        text = json.dumps(answer.json(), ensure_ascii=False)
    return "; ".join(filter(None, [str(answer.status), *headers, text]))


def _refusal(error: grpc.aio.AioRpcError) -> str:
    status = rpc_status.from_call(cast(grpc.Call, error))
    told = [error.code().name]
    for detail in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            told.append(info.reason)
        elif detail.Unpack(bad):
            told.extend(each.field for each in bad.field_violations)
    return "; ".join(told)


def _message(rpc: rpcs.Rpc, raw: bytes) -> str:
    answer = message_class(rpc.method.output_type.full_name)()
    answer.ParseFromString(raw)
    found = MessageToDict(answer, preserving_proto_field_name=True)
    return f"OK; {json.dumps(found, ensure_ascii=False, sort_keys=True)}"
