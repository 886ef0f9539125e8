"""REST requests: valid ones of every route, broken by the corpus' operators at random.

Input `n` of a seed is the same whatever came before it, but for the ids of the objects.
"""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.component.test_hostile_rest import HEADERS, KINDS, PATHS, QUERIES
from tests.fuzz import chance as chances
from tests.fuzz.tally import Wrong
from tests.support.hostile_json import CANARY, NEVER, SOMETIMES, WHOLE
from tests.support.operations import (
    SEEN,
    Ids,
    Route,
    caller_of,
    example_body,
    ids_for,
    without_ids,
)
from tests.support.raw_http import JSON, Header
from tests.support.small_district import roster_zip

PEOPLE = ["teacher-0001", "teacher-0002", "coach-01", "admin-01", "leader-01", "nobody", CANARY]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", CANARY]
_NEVER = [each for each in NEVER if len(each) < 3_000] * 4 + NEVER
_TEXTS = [*_NEVER, *(each for each, _ in SOMETIMES)]
_QUERIES = [each for some in QUERIES.values() for each in some if len(each) < 3_000]
_PATHS = [*(each for each in PATHS if len(each) < 3_000)] * 4 + PATHS
_NAMES = [
    b"accept", b"traceparent", b"x-correlation-id", b"if-none-match", b"range", b"te", b"expect",
    b"content-encoding", b"x-forwarded-for", b"host", b"tandem-now", b"last-event-id", b"cookie",
    b"x-http-method-override", b"origin", b"transfer-encoding", b"upgrade",
]  # fmt: skip


@dataclass
class Input:
    """A request on its way to being broken; `broken` names what was done to it."""

    route: Route
    method: str
    params: dict[str, str]
    query: list[str]
    headers: list[Header]
    body: Any = None  # a JSON value with holes, until `raw` is known
    holes: dict[str, bytes] = field(default_factory=dict)
    raw: bytes | None = None
    pieces: int = 1
    length: bool = True
    suffix: str = ""
    broken: list[str] = field(default_factory=list)

    @property
    def target(self) -> str:
        names = re.findall(r"{(\w+)}", self.route.template)
        path = self.route.template.format(**{name: self.params.get(name, "x") for name in names})
        return path + self.suffix + (f"?{'&'.join(self.query)}" if self.query else "")

    @property
    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.body is None:
            return b""
        raw = json.dumps(self.body).encode()
        for hole, text in self.holes.items():
            raw = raw.replace(b'"%s"' % hole.encode(), text)
        return raw

    def set_header(self, name: bytes, value: bytes) -> None:
        self.headers = [each for each in self.headers if each[0] != name]
        self.headers.append((name, value))

    def freeze(self) -> bytes:
        self.raw = self.content
        return self.raw


Operator = Callable[["Inputs", Input, Random], None]


class Inputs:
    """`token` turns `district/person` into a bearer token. Raises Wrong, naming the operations,
    where `ids` lacks what one works on."""

    def __init__(
        self,
        seed: int,
        platform: Any,
        routes: Sequence[Route],
        ids: Mapping[str, str],
        token: Callable[[str], str] = str,
        always: Sequence[Header] = (),
    ) -> None:
        missing = {
            each.operation: lacking for each in routes if (lacking := without_ids(each, ids))
        }
        if missing:
            raise Wrong(f"all that these would meet is 404: {missing}")
        self.seed, self.routes, self.ids, self.token = seed, routes, dict(ids), token
        self.always = always
        self.district = ids["district_id"]
        self._bodies = {
            (each.service, each.operation): example_body(platform, each, ids)
            for each in routes
            if each.body is not None
        }
        self._zip = roster_zip(self.district)

    def input(self, number: int) -> Input:
        chance = Random(f"{self.seed}:rest:{number}")
        made = self.valid(chance.choice(self.routes))
        for operator in chances.some(chance, OPERATORS, WEIGHTS):
            made.broken.append(operator.__name__)
            operator(self, made, chance)
        return made

    def valid(self, route: Route) -> Input:
        ids: Ids = ids_for(route.operation, self.ids)
        caller = caller_of(route.operation, self.district)
        headers: list[Header] = list(self.always)
        if caller:
            headers.append((b"authorization", f"Bearer {self.token(caller)}".encode()))
        if route.operation in SEEN:
            headers.append((b"if-match", SEEN[route.operation].encode()))
        query = [f"{name}={ids[name]}" for name in route.asks]
        made = Input(route, route.method, ids, query, headers)
        if route.operation == "import_roster":
            headers.append((b"content-type", b"application/zip"))
            made.raw = self._zip
        elif route.body is not None:
            headers.append(JSON)
            made.body = copy.deepcopy(self._bodies[route.service, route.operation])
        return made

    def place(self, made: Input, chance: Random) -> None:
        """Another value in one place of the body."""
        if made.raw is None and (places := list(_places(made.body))):
            node, key = chance.choice(places)
            hole = f"@hole{len(made.holes)}@"
            pick = chance.random()
            made.holes[hole] = chance.choice(_TEXTS) if pick < 0.6 else chances.json_text(chance)
            node[key] = hole
        else:
            self.query_text(made, chance)

    def lost(self, made: Input, chance: Random) -> None:
        """A place of the body less, or twice as much of it."""
        if made.raw is None and (places := list(_places(made.body))):
            node, key = chance.choice(places)
            if isinstance(node, list) and chance.random() < 0.7:
                node.extend(copy.deepcopy(node) * chance.choice([1, 2, 60]))
            else:
                del node[key]

    def unknown_key(self, made: Input, chance: Random) -> None:
        if made.raw is None and isinstance(made.body, dict):
            nodes = [made.body, *(node for node, _ in _places(made.body) if isinstance(node, dict))]
            chance.choice(nodes)[chances.text(chance)] = chances.json_value(chance)

    def twice(self, made: Input, chance: Random) -> None:
        """A key of the body twice."""
        if made.raw is None and isinstance(made.body, dict) and made.body:
            key = json.dumps(chance.choice(list(made.body))).encode()
            made.raw = b"{" + key + b":" + chances.json_text(chance) + b"," + made.content[1:]

    def whole(self, made: Input, chance: Random) -> None:
        pick = chance.random()
        if pick < 0.4:
            made.raw = chance.choice(WHOLE)[0]
        elif pick < 0.7:
            made.raw = chances.json_text(chance)
        else:
            made.raw = chance.randbytes(chance.randrange(200))

    def mangle(self, made: Input, chance: Random) -> None:
        made.raw = chances.mangled(chance, made.content)

    def large(self, made: Input, chance: Random) -> None:
        made.raw = made.content + chance.choice([b" ", b"x", b"["]) * 262_144

    def chunks(self, made: Input, chance: Random) -> None:
        made.pieces, made.length = chance.randrange(2, 9), chance.random() < 0.5

    def parameter(self, made: Input, chance: Random) -> None:
        """Something in the path that is no id, or an id of something else."""
        names = re.findall(r"{(\w+)}", made.route.template)
        if names:
            others = [*self.ids.values(), str(uuid.UUID(int=chance.getrandbits(128)))]
            some = [chance.choice(_PATHS), chances.segment(chance), chance.choice(others)]
            made.params[chance.choice(names)] = chance.choice(some)

    def path(self, made: Input, chance: Random) -> None:
        made.suffix = chance.choice(["/", "//", "/..", ":cancel", f"/{chances.segment(chance)}"])

    def query_text(self, made: Input, chance: Random) -> None:
        known = [each["name"] for each in made.route.parameters if each["in"] == "query"]
        name = chance.choice([*known * 4, "page_size", "page_token", CANARY, "%00", ""])
        value = chance.choice(
            [
                chance.choice(_QUERIES),
                chances.segment(chance),
                chance.choice(list(self.ids.values())),
            ]
        )
        made.query.append(f"{name}={value}")

    def corpus_header(self, made: Input, chance: Random) -> None:
        name, value, _ = chance.choice(HEADERS)
        made.set_header(name, value)

    def media_type(self, made: Input, chance: Random) -> None:
        made.set_header(b"content-type", chance.choice(KINDS))

    def header(self, made: Input, chance: Random) -> None:
        value = chance.choice([chance.randbytes(12), CANARY.encode(), b"identity", b"1", b"*", b""])
        made.headers.append((chance.choice(_NAMES), value))

    def key(self, made: Input, chance: Random) -> None:
        """One of a few idempotency keys, so that they meet again with other bodies."""
        made.set_header(b"idempotency-key", b"key-%d" % chance.randrange(6))
        if chance.random() < 0.5:
            made.set_header(b"if-match", b'"%d"' % chance.randrange(6))

    def method(self, made: Input, chance: Random) -> None:
        made.method = chance.choice(METHODS)

    def caller(self, made: Input, chance: Random) -> None:
        """Somebody else, of another district, or a token with some of its bytes changed."""
        district = chance.choice([self.district, self.district, "south", "nowhere", CANARY])
        raw = self.token(f"{district}/{chance.choice(PEOPLE)}").encode()
        if chance.random() < 0.3:
            raw = chances.mangled(chance, raw)
        made.set_header(b"authorization", b"Bearer " + raw)


OPERATORS: list[Operator] = [
    Inputs.place, Inputs.lost, Inputs.unknown_key, Inputs.twice, Inputs.whole, Inputs.mangle,
    Inputs.large, Inputs.chunks, Inputs.parameter, Inputs.path, Inputs.query_text,
    Inputs.corpus_header, Inputs.media_type, Inputs.header, Inputs.key, Inputs.method,
    Inputs.caller,
]  # fmt: skip
WEIGHTS = [30, 8, 4, 3, 5, 10, 0.3, 3, 9, 3, 9, 5, 2, 5, 6, 3, 8]


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every place below a JSON value, as what holds it and its key there."""
    keys = (
        list(node) if isinstance(node, dict) else range(len(node) if isinstance(node, list) else 0)
    )
    found: list[tuple[Any, Any]] = []
    for key in keys:
        found.append((node, key))
        found.extend(_places(node[key]))
    return found
