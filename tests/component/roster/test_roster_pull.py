"""A roster pulled from a OneRoster server is the one that the server has, or none."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.access.districts import OwnRoles
from services.access.oneroster import OneRosterServer as Told
from services.chassis.kernel import Fault
from services.roster.imports.oneroster.reader import has_changes, read_roster
from services.roster.imports.pulling import paging
from services.roster.imports.pulling import server as asking
from services.roster.imports.pulling.pull import pull
from services.roster.imports.pulling.server import Server
from services.roster.imports.roster_file import KnownRecords, ParsedRoster
from tests.support.oneroster_server import (
    CLIENT,
    SECRET,
    TOKEN_URL,
    URL,
    OneRosterServer,
    Records,
    first,
    offset_of,
    rest_of,
)
from tests.support.roster_changes import old_files
from tests.support.roster_files import TODAY, good_files, parsed

LIMIT = 40
MANY = 3 * LIMIT + 11


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LIMIT", LIMIT)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    return Told(url=URL, token_url=TOKEN_URL, client_id=CLIENT, client_secret_file=str(secret))


def many() -> OneRosterServer:
    """A server with more users than a page has."""
    collections = rest_of(good_files())
    collections["users"] += [student(number) for number in range(MANY)]
    return OneRosterServer(collections)


def student(number: int) -> dict[str, Any]:
    told = {"sourcedId": f"s{number:06}", "enabledUser": True, "givenName": "Canary"}
    role = {"roleType": "primary", "role": "student", "org": {"sourcedId": "school-1"}}
    return {**told, "familyName": "Student", "roles": [role]}


async def pulled(told: Told, server: OneRosterServer, since: str = "") -> bytes:
    file = io.BytesIO()
    async with Server(told, server, server.sleep) as opened:
        await pull(opened, told.version, file, since)
    return file.getvalue()


def roster_of(packed: bytes, known: KnownRecords | None = None) -> ParsedRoster:
    return read_roster(io.BytesIO(packed), "north", TODAY, OwnRoles(), known or KnownRecords())


def said(roster: ParsedRoster) -> Any:
    nouns = (roster.orgs, roster.sessions, roster.people, roster.classes)
    return [{sourced: each.stated() for sourced, each in noun.records.items()} for noun in nouns]


@pytest.mark.parametrize("version", ["1.2", "1.1"])
async def test_it_says_what_the_file_says(told: Told, version: str) -> None:
    files = good_files() if version == "1.2" else old_files()
    server = OneRosterServer(rest_of(files, version))
    told = told.model_copy(update={"version": version})
    packed = await pulled(told, server)
    roster = roster_of(packed)
    assert said(roster) == said(parsed(files))
    assert not roster.problems.count
    assert b"Canary" not in packed, "a student's name has been taken along"


async def test_it_says_when_and_where_a_class_is_taught_and_who_leads_it(told: Told) -> None:
    server = OneRosterServer(rest_of(good_files()))
    said = {"classCode": "4A-M", "periods": ["1", "Mon-3"], "location": "Room 12"}
    server.collections["classes"][0] |= said
    found = roster_of(await pulled(told, server)).classes.records["class-1"]
    assert (found.code, found.periods, found.location) == ("4A-M", ("1", "Mon-3"), "Room 12")
    assert found.leads == ("teacher-1",)


async def test_pages_are_put_together_by_their_offsets_whatever_the_links_say(told: Told) -> None:
    server = many()
    server.most = 25  # fewer than are asked for
    packed = await pulled(told, server)
    assert len(roster_of(packed).people.records) == 4
    assert users(packed) == MANY + 7
    assert {each.url.host for each in server.asked} == {"sis.test"}


def users(packed: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return len(archive.read("users.csv").decode().splitlines()) - 1


async def test_a_wrong_total_is_not_believed(told: Told) -> None:
    for total in ("3", "999999", "-1", "x"):

        def wrong(request: httpx2.Request, answer: httpx2.Response, total: str = total) -> None:
            answer.headers["X-Total-Count"] = total

        server = many()
        server.trouble = wrong
        assert users(await pulled(told, server)) == MANY + 7, total


async def test_records_that_come_on_two_pages_are_taken_once(told: Told) -> None:
    server = many()

    def overlapping(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response | None:
        if request.url.path.endswith("/users") and offset_of(request) > 0:
            found = server.collections["users"][offset_of(request) - 5 :][:LIMIT]
            return httpx2.Response(200, json={"users": found})
        return None

    server.trouble = overlapping
    assert users(await pulled(told, server)) == MANY + 7


async def test_records_that_move_while_they_are_read_are_read_again(told: Told) -> None:
    """One is gone after the first page: all after it move up, and one would be left out."""
    server = many()
    moved: list[dict[str, Any]] = []

    def moving(request: httpx2.Request, answer: httpx2.Response) -> None:
        if request.url.path.endswith("/users") and offset_of(request) == 0 and not moved:
            moved.append(server.collections["users"].pop(10))
            server.collections["users"].append(student(1))  # and another one comes twice

    server.trouble = moving
    assert users(await pulled(told, server)) == MANY + 6


async def test_a_lost_page_is_found(told: Told) -> None:
    """Once it is read again; a page that stays lost leaves no roster without its people."""
    lost: list[int] = []

    def losing(times: int) -> Callable[[httpx2.Request, httpx2.Response], httpx2.Response | None]:
        def trouble(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response | None:
            if request.url.path.endswith("/users") and offset_of(request) == LIMIT:
                lost.append(1)
                if len(lost) <= times:
                    return httpx2.Response(200, json={"users": []}, headers=answer.headers)
            return None

        return trouble

    server = many()
    server.trouble = losing(5)
    assert users(await pulled(told, server)) == MANY + 7
    server.trouble = losing(10_000)
    with pytest.raises(Fault) as caught:
        await pulled(told, server)
    assert caught.value.code == "source_incomplete"


async def test_a_server_that_goes_on_for_ever_is_left(told: Told) -> None:
    server = many()

    def same(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response | None:
        page: Records = server.collections["users"][:LIMIT]
        if not request.url.path.endswith("/users"):
            return None
        return httpx2.Response(200, json={"users": page})

    server.trouble = same
    with pytest.raises(Fault) as caught:
        await pulled(told, server)
    assert caught.value.code == "source_repeats"


async def test_a_busy_server_is_waited_for_as_it_asks(told: Told) -> None:
    server = many()
    later = httpx2.Response(429, headers={"Retry-After": "7"})
    for_ever = httpx2.Response(503, headers={"Retry-After": "86400"})
    server.trouble = first(2, later, for_ever)
    assert users(await pulled(told, server)) == MANY + 7
    assert (min(server.waited), max(server.waited)) == (7.0, asking.LONGEST_WAIT)


async def test_what_passes_is_tried_again_and_what_does_not_ends_in_time(told: Told) -> None:
    def stalls(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        raise httpx2.ReadTimeout("nothing came")

    server = many()
    server.trouble = stalls
    with pytest.raises(Fault) as caught:
        await pulled(told, server)
    assert caught.value.code == "source_unavailable"
    assert len(server.asked) == asking.TRIES


async def test_a_token_that_has_ended_is_asked_for_anew(told: Told) -> None:
    server = many()

    def ends(request: httpx2.Request, answer: httpx2.Response) -> None:
        if request.url.path.endswith("/classes") and server.tokens == 1:
            server.tokens += 1  # another one is good now

    server.trouble = ends
    assert users(await pulled(told, server)) == MANY + 7
    assert server.tokens == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx2.Response(302, headers={"Location": "https://evil.test/"}), "source_redirects"),
        (httpx2.Response(403), "source_refuses"),
        (httpx2.Response(200, text="<html>"), "source_not_json"),
        (httpx2.Response(200, json={"orgs": "none"}), "source_not_oneroster"),
        (httpx2.Response(200, json={"orgs": [1]}), "source_not_oneroster"),
        (httpx2.Response(200, content=b" " * (asking.MOST_PAGE + 1)), "source_too_large"),
    ],
)
async def test_what_is_no_roster_is_refused(told: Told, answer: httpx2.Response, code: str) -> None:
    server = OneRosterServer(rest_of(good_files()))
    server.trouble = first(100, answer)
    with pytest.raises(Fault) as caught:
        await pulled(told, server)
    assert caught.value.code == code
    assert {each.url.host for each in server.asked} == {"sis.test"}


async def test_nothing_is_told_of_the_secret(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = many()
    server.trouble = first(1, httpx2.Response(500))
    await pulled(told, server)
    assert caplog.records
    assert SECRET not in caplog.text
    assert "token-1" not in caplog.text
    server.trouble = lambda request, answer: httpx2.Response(401, text="canary")
    with pytest.raises(Fault) as caught:
        await pulled(told, server)
    assert (caught.value.code, "canary" in str(caught.value)) == ("source_refuses", False)
    assert SECRET not in json.dumps(told.model_dump())


async def test_what_has_changed_since_is_a_file_of_changes(told: Told) -> None:
    collections = rest_of(good_files())
    for each in collections["orgs"][:1]:
        each |= {"dateLastModified": "2026-10-04T00:00:00Z", "name": "Northern"}
    packed = await pulled(told, OneRosterServer(collections), "2026-10-01T00:00:00Z")
    assert has_changes(io.BytesIO(packed))
    orgs = parsed(good_files()).orgs.records
    roster = roster_of(packed, KnownRecords(orgs=orgs))
    assert [each.name for each in roster.orgs.records.values()] == ["Northern"]
    assert not roster.problems.count
