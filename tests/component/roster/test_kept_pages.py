"""A pull that is cut short and begun again goes on where it was, and is the roster that the server
has."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.access.oneroster import OneRosterServer as Told
from services.chassis.kernel import Fault
from services.roster.imports.pulling import kept_pages, paging
from services.roster.imports.pulling.kept_pages import KEPT_FOR, KeptPages
from services.roster.imports.pulling.pull import pull
from services.roster.imports.pulling.server import Server
from services.roster.imports.pulling.tables import TABLES
from tests.support.oneroster_server import (
    CLIENT,
    SECRET,
    TOKEN_URL,
    URL,
    OneRosterServer,
    Trouble,
    offset_of,
    rest_of,
)
from tests.support.roster_changes import old_files
from tests.support.roster_files import good_files

NOW = datetime(2026, 10, 5, 3, tzinfo=UTC)
LIMIT = 3
SOURCE = {"url": URL, "since": ""}


class Killed(BaseException):
    """As by kill -9: nothing of the program goes on."""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LIMIT", LIMIT)


class Pulls:
    def __init__(self, folder: Path, version: str = "1.2") -> None:
        files = good_files() if version == "1.2" else old_files()
        self.server = OneRosterServer(rest_of(files, version))
        secret = folder / "secret"
        secret.write_text(SECRET)
        there = {"url": URL, "token_url": TOKEN_URL, "client_id": CLIENT, "version": version}
        self.told = Told.model_validate({**there, "client_secret_file": str(secret)})
        self.folder = folder / "kept"
        self.began = NOW

    async def whole(self) -> bytes:
        """As it is without keeping anything."""
        file = io.BytesIO()
        async with Server(self.told, self.server, self.server.sleep) as opened:
            await pull(opened, self.told.version, file)
        self.server.asked.clear()
        return file.getvalue()

    async def again(
        self,
        killed_at: int = 0,
        now: datetime = NOW,
        trouble: Trouble | None = None,
        since: str = "",
    ) -> tuple[bytes, int]:
        """The file, and how many pages were asked for."""
        self.server.asked.clear()

        def killing(request: httpx2.Request, answer: httpx2.Response) -> None:
            if len(self.server.asked) == killed_at:
                raise Killed

        self.server.trouble = trouble or killing
        file = io.BytesIO()
        async with Server(self.told, self.server, self.server.sleep) as opened:
            with KeptPages(opened, self.folder, {**SOURCE, "since": since}, now) as pages:
                self.began = pages.began
                await pull(pages, self.told.version, file)
        return file.getvalue(), len(self.server.asked)

    async def killed(self, at: int) -> None:
        with pytest.raises(Killed):
            await self.again(at)

    def remove(self, noun: str, number: int) -> dict[str, Any]:
        return self.server.collections[noun].pop(number)

    @property
    def kept(self) -> bytes:
        return b"".join(each.read_bytes() for each in sorted(self.folder.glob("*.pages")))


@pytest.mark.parametrize("version", ["1.2", "1.1"])
async def test_killed_anywhere_it_goes_on_and_is_the_same(tmp_path: Path, version: str) -> None:
    pulls = Pulls(tmp_path, version)
    whole = await pulls.whole()
    _, pages = await pulls.again()
    for place in range(1, pages + 1):
        pulls.folder = tmp_path / f"killed-{place}"
        await pulls.killed(place)
        again, asked = await pulls.again(now=NOW + timedelta(hours=1))
        assert again == whole, place
        assert pulls.began == NOW
        # Beside what is left: a token, for each collection its last page once more, and the empty
        # one after it.
        assert asked <= (pages - place) + 2 + 2 * len(TABLES), place
    assert asked < pages, "the last kill was near the end"


async def test_killed_again_and_again_it_comes_to_its_end(tmp_path: Path) -> None:
    pulls = Pulls(tmp_path)
    whole = await pulls.whole()
    for place in (4, 6, 8, 11):
        await pulls.killed(place)
    assert (await pulls.again())[0] == whole


async def test_what_a_crash_left_half_written_is_not_used(tmp_path: Path) -> None:
    pulls = Pulls(tmp_path)
    whole = await pulls.whole()
    for cut in (1, 7, 9, 30):
        await pulls.killed(10)
        (file,) = pulls.folder.glob("users.pages")
        content = file.read_bytes()
        file.write_bytes(content[:-cut])
        assert (await pulls.again())[0] == whole, cut
        pulls.folder = tmp_path / f"kept-{cut}"
    await pulls.killed(10)
    (file,) = pulls.folder.glob("users.pages")
    file.write_bytes(bytes([*content[:20], content[20] ^ 1, *content[21:]]))
    assert (await pulls.again())[0] == whole


Changes = Callable[[Pulls], Any]


@pytest.mark.parametrize(
    "change",
    [
        lambda pulls: pulls.remove("users", 0),
        lambda pulls: pulls.server.collections["users"].insert(0, {"sourcedId": "a"}),
        lambda pulls: pulls.server.collections["users"].append({"sourcedId": "z"}),
        lambda pulls: pulls.server.collections["users"][5].update(givenName="Other"),
        lambda pulls: pulls.remove("orgs", 1),
    ],
)
async def test_a_source_that_has_changed_meanwhile_is_read_anew(
    tmp_path: Path, change: Changes
) -> None:
    """Two pages of users are kept: those before have moved, the last one is otherwise, or there are
    more by now. So of a collection that was read to its end."""
    pulls = Pulls(tmp_path)
    await pulls.again()
    pulls.folder = tmp_path / "cut"
    at = next(
        number
        for number, each in enumerate(pulls.server.asked, 1)
        if each.url.path.endswith("/users") and offset_of(each) == 2 * LIMIT
    )
    await pulls.killed(at)
    change(pulls)
    again, _ = await pulls.again()
    assert again == await pulls.whole()


async def test_what_is_of_another_pull_or_of_another_night_is_not_used(tmp_path: Path) -> None:
    pulls = Pulls(tmp_path)
    _, pages = await pulls.again()
    pulls.folder = tmp_path / "cut"
    await pulls.killed(pages)
    assert (await pulls.again())[1] < pages, "else they would be used"
    for now, source in ((NOW + KEPT_FOR, ""), (NOW - timedelta(1), ""), (NOW, "2026-10-01")):
        pulls.folder = tmp_path / f"cut-{now.isoformat()}-{source}"
        await pulls.killed(pages)
        _, asked = await pulls.again(now=now, since=source)
        assert (asked, pulls.began) == (pages, now)


def unpacked(file: Path) -> bytes:
    """Each page stands behind 8 bytes."""
    content, told = file.read_bytes(), b""
    while content:
        page = zlib.decompressobj()
        told += page.decompress(content[8:])
        content = page.unused_data
    return told


async def test_no_student_is_named_on_the_disk_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    pulls = Pulls(tmp_path)
    for each in pulls.server.collections["users"]:
        secret = {"password": "canary", "sms": "canary", "metadata": {"canary": "canary"}}
        each |= secret
    await pulls.again()
    told = b"".join(map(unpacked, pulls.folder.glob("*.pages"))).decode()
    assert "teacher-1" in told
    assert "Able" in told
    assert "canary" not in told.lower()
    assert pulls.kept
    assert pulls.folder.stat().st_mode & 0o077 == 0
    assert all(each.stat().st_mode & 0o077 == 0 for each in pulls.folder.glob("*.pages"))


async def test_two_at_once_are_not_in_each_others_way(tmp_path: Path) -> None:
    pulls = Pulls(tmp_path)
    whole = await pulls.whole()
    await pulls.killed(9)
    before = pulls.kept
    with KeptPages(None, pulls.folder, SOURCE, NOW) as first:  # type: ignore[arg-type] # asks nobody
        assert first.kept
        assert (await pulls.again())[0] == whole
        assert pulls.kept == before


async def test_once_it_is_imported_nothing_is_kept(tmp_path: Path) -> None:
    pulls = Pulls(tmp_path)
    await pulls.again()
    with KeptPages(None, pulls.folder, SOURCE, NOW) as pages:  # type: ignore[arg-type] # asks nobody
        pages.done()
    assert [each.name for each in pulls.folder.iterdir()] == ["lock"]


async def test_beyond_its_bound_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_pages, "MOST_KEPT", 600)
    pulls = Pulls(tmp_path)
    whole = await pulls.whole()
    await pulls.again()
    assert 600 < len(pulls.kept) < 900
    assert (await pulls.again())[0] == whole


async def test_what_is_read_again_is_asked_for_again(tmp_path: Path) -> None:
    """At first one came twice, in place of another."""
    pulls = Pulls(tmp_path)
    users = pulls.server.collections["users"]
    good = list(users)
    users[0], users[2] = {**users[0], "sourcedId": "gone"}, users[1]

    def mended(request: httpx2.Request, answer: httpx2.Response) -> None:
        if request.url.path.endswith("/users") and offset_of(request) >= len(good):
            users[:] = good

    again, _ = await pulls.again(trouble=mended)
    assert again == await pulls.whole()
    assert (await pulls.again())[0] == again


async def test_a_reading_that_is_not_whole_is_not_kept_for_the_next(tmp_path: Path) -> None:
    """A page that stays lost is asked for again: what is kept is of the newest reading."""
    pulls = Pulls(tmp_path)
    whole = await pulls.whole()

    def losing(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response | None:
        if request.url.path.endswith("/users") and offset_of(request) == LIMIT:
            return httpx2.Response(200, json={"users": []}, headers=answer.headers)
        return None

    with pytest.raises(Fault) as caught:
        await pulls.again(trouble=losing)
    assert caught.value.code == "source_incomplete"
    assert (await pulls.again())[0] == whole
