"""A small OneRoster REST server that behaves as badly as real ones do, called without a network."""

from __future__ import annotations

import base64
import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2

from tests.support.roster_files import Files

URL = "https://sis.test/ims/oneroster/rostering/v1p2"
TOKEN_URL = "https://sis.test/token"
CLIENT, SECRET = "tandem", "canary-secret"
Records = list[dict[str, Any]]
Trouble = Callable[[httpx2.Request, httpx2.Response], httpx2.Response | None]


class OneRosterServer(httpx2.AsyncBaseTransport):
    """`trouble` may answer in place of the server, or change what it answers."""

    def __init__(self, collections: Mapping[str, Records], most: int = 10_000) -> None:
        self.collections = dict(collections)
        self.most = most  # records of a page, whatever is asked
        self.asked: list[httpx2.Request] = []
        self.tokens = 0
        self.trouble: Trouble = lambda request, answer: answer
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.asked.append(request)
        answer = self._token(request) if request.url.path == "/token" else self._page(request)
        return self.trouble(request, answer) or answer

    def _token(self, request: httpx2.Request) -> httpx2.Response:
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return httpx2.Response(401, json={"error": "invalid_client"})
        assert b"grant_type=client_credentials" in request.content
        self.tokens += 1
        return httpx2.Response(200, json={"access_token": f"token-{self.tokens}"})

    def _page(self, request: httpx2.Request) -> httpx2.Response:
        if request.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return httpx2.Response(401)
        noun, asked = request.url.path.rpartition("/")[2], request.url.params
        found: Sequence[dict[str, Any]] = self.collections[noun]
        if "filter" in asked:
            since = asked["filter"].partition("'")[2].rstrip("'")
            found = [each for each in found if each.get("dateLastModified", "") > since]
        offset, limit = int(asked["offset"]), min(int(asked["limit"]), self.most)
        headers = {"X-Total-Count": str(len(found)), "Link": '<https://evil.test/>; rel="next"'}
        return httpx2.Response(200, json={noun: found[offset : offset + limit]}, headers=headers)


def offset_of(request: httpx2.Request) -> int:
    return int(request.url.params.get("offset", -1))


def first(times: int, *answers: httpx2.Response) -> Trouble:
    """Each page is answered so, so many times, before it is answered as it should be."""
    seen: Counter[str] = Counter()

    def trouble(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response | None:
        seen[str(request.url)] += 1
        if request.url.path != "/token" and seen[str(request.url)] <= times:
            return answers[(seen[str(request.url)] - 1) % len(answers)]
        return None

    return trouble


def rest_of(files: Files, version: str = "1.2") -> dict[str, Records]:
    """What a server says that has the records of such files."""
    rows = {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(text)))
        for name, text in files.items()
    }
    roles: defaultdict[str, Records] = defaultdict(list)
    for each in rows.get("roles", ()):
        told = _some(each, "roleType", "role", "beginDate", "endDate")
        roles[each["userSourcedId"]].append({**told, "org": _to(each["orgSourcedId"])})
    return {
        "orgs": [
            {
                **_some(each, "sourcedId", "status", "name", "type"),
                "parent": _to(each["parentSourcedId"]),
            }
            for each in rows["orgs"]
        ],
        "academicSessions": [
            {
                **_some(each, "sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
                "parent": _to(each["parentSourcedId"]),
            }
            for each in rows["academicSessions"]
        ],
        "users": [_user(each, roles, version) for each in rows["users"]],
        "classes": [
            {
                **_some(each, "sourcedId", "title", "classType", "classCode", "location"),
                "periods": [one for one in each.get("periods", "").split(",") if one],
                "grades": [one for one in each["grades"].split(",") if one],
                "subjects": [one for one in each["subjects"].split(",") if one],
                "course": _to(each["courseSourcedId"]),
                "school": _to(each["schoolSourcedId"]),
                "terms": [_to(one) for one in each["termSourcedIds"].split(",")],
            }
            for each in rows["classes"]
        ],
        "enrollments": [
            {
                **_some(each, "sourcedId", "role", "primary", "beginDate", "endDate"),
                "class": _to(each["classSourcedId"]),
                "school": _to(each["schoolSourcedId"]),
                "user": _to(each["userSourcedId"]),
            }
            for each in rows["enrollments"]
        ],
    }  # fmt: skip


def _user(row: Mapping[str, str], roles: Mapping[str, Records], version: str) -> dict[str, Any]:
    told = _some(row, "sourcedId", "username", "givenName", "familyName")
    told |= {"status": "active", "enabledUser": row["enabledUser"] == "true"}
    if version == "1.1":
        orgs = [_to(each) for each in row["orgSourcedIds"].split(",") if each]
        return {**told, "role": row["role"], "orgs": orgs}
    preferred = {"preferredFirstName": row.get("preferredGivenName") or None}
    return {**told, **preferred, "roles": roles.get(row["sourcedId"], [])}


def _some(row: Mapping[str, str], *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names if row.get(name)}


def _to(id: str) -> dict[str, str] | None:
    return {"href": f"{URL}/x/{id}", "sourcedId": id, "type": "x"} if id else None
