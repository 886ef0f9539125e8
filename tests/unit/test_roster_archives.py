"""Files that cannot be used at all: nothing of them is imported, and the reason is clear."""

from __future__ import annotations

import asyncio
import io
import re
import struct
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.access.districts import OwnRoles
from services.chassis.kernel import Fault, Kind
from services.roster.imports.oneroster import archive, reader, upload
from services.roster.imports.oneroster.reader import read_roster
from services.roster.imports.oneroster.upload import MOST_BYTES, receive
from tests.support.roster_files import TODAY, edited, good_files, parsed, problems_of, zipped

WHOLE: list[tuple[str, str, str, str]] = [
    ("manifest.csv", "file.users,bulk", "file.users,delta", "mixed_modes"),
    ("manifest.csv", "file.users,bulk", "file.users,absent", "file_not_bulk"),
    ("manifest.csv", "file.users,bulk\n", "", "file_not_bulk"),
    ("manifest.csv", "file.users,bulk", "file.users,full", "bad_manifest"),
    ("manifest.csv", "file.users,bulk", "file.users,", "bad_manifest"),
    ("manifest.csv", "file.users,bulk", "file.users,bulk,x", "bad_manifest"),
    ("manifest.csv", "file.enrollments,bulk", "file.enrollments,delta", "mixed_modes"),
    ("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.1", "missing_column"),
    ("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.0", "unsupported_version"),
    ("manifest.csv", "manifest.version,1.0", "manifest.version,2.0", "unsupported_version"),
    ("manifest.csv", "propertyName,value", "propertyName,wert", "missing_column"),
    ("manifest.csv", "1.0\n", "1.0\n" + "more,x\n" * 1_000, "too_many_rows"),
    ("orgs.csv", "sourcedId,status,name", "sourcedId,status,title", "missing_column"),
    ("orgs.csv", "sourcedId,status,name", "sourcedId,name,name", "bad_header"),
    ("orgs.csv", "sourcedId,status,name", 'sourcedId,"status,name', "bad_header"),
    ("users.csv", "preferredGivenName\n", "x" * (256 * 1024) + "\n", "line_too_long"),
]


@pytest.mark.parametrize(("file", "old", "new", "code"), WHOLE)
def test_a_fault_of_a_whole_file(file: str, old: str, new: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        parsed(edited(file, old, new))
    assert (caught.value.kind, caught.value.code) == (Kind.INVALID, code)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("file.users,bulk", "file.users,", r"manifest\.csv line 11: file\.users is neither bulk"),
        ("file.users,bulk", "file.users,bulk,", r"manifest\.csv line 11: file\.users is malformed"),
        ("file.roles,bulk", "file.roles,delta", r"file\.users and file\.roles are not both bulk"),
        ("version,1.2", "version,2.0", r"manifest\.csv line 3: oneroster\.version is neither 1\.2"),
        ("file.orgs,bulk\n", "", r"manifest\.csv: file\.orgs is missing"),
    ],
)
def test_a_fault_of_the_manifest_names_the_line_and_the_property(
    old: str, new: str, told: str
) -> None:
    with pytest.raises(Fault, match=told):
        parsed(edited("manifest.csv", old, new))


@pytest.mark.parametrize(
    "line", ["file.demographics,delta", "file.demographics,absent,x,y", "file.mine,x", "x"]
)
def test_what_the_manifest_says_of_other_files_does_not_matter(line: str) -> None:
    roster = parsed(edited("manifest.csv", "file.demographics,absent", line))
    assert (problems_of(roster), roster.problems.notes) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "column", "code"),
    [
        ("manifest.version,1.0", "manifest.version,1", "manifest.version", "version"),
        ("oneroster.version,1.2", "oneroster.version,1.20", "oneroster.version", "version"),
        ("manifest.version,1.0\n", "", "manifest.version", "version"),
        ("oneroster.version,1.2\n", "", "oneroster.version", "version"),
        ("oneroster.version,1.2", "oneroster.version,1.2.1", "oneroster.version", "version"),
        ("file.users,bulk", "file.users,Bulk", "file.users", "letter_case"),
        ("demographics,absent", "demographics,", "file.demographics", "unknown_mode"),
    ],
)
def test_what_else_a_manifest_says_is_noted(old: str, new: str, column: str, code: str) -> None:
    roster = parsed(edited("manifest.csv", old, new))
    (note,) = roster.problems.notes
    assert (note.file, note.column, note.code, note.rows) == ("manifest.csv", column, code, 1)
    assert problems_of(roster) == []


def test_what_macos_adds_to_a_zip_is_passed_over() -> None:
    files = {
        **good_files(),
        "__MACOSX/": "",
        "__MACOSX/._users.csv": "\0\5",
        "._users.csv": "\0\5",
        ".DS_Store": "\0",
    }
    assert problems_of(parsed(files)) == []


def test_the_files_may_lie_in_one_folder() -> None:
    inside: dict[str, str | bytes] = {"north/": ""}
    inside |= {f"north/{name}": text for name, text in good_files().items()}
    inside |= {"__MACOSX/north/._users.csv": "\0", "north/.DS_Store": "\0"}
    assert parsed(inside).people == parsed(good_files()).people
    for more in ("south/users.csv", "users.csv", "north/more/users.csv"):
        with pytest.raises(Fault, match="nested_folder"):
            parsed({**inside, more: "x"})


def _encoded(encoding: str) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = dict(good_files())
    files["users.csv"] = good_files()["users.csv"].replace("Able", "Ábel").encode(encoding)
    return files


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_what_is_neither_utf_8_nor_utf_16_is_not_guessed_at(encoding: str) -> None:
    with pytest.raises(Fault, match=r"not_utf8: users\.csv: line \d is not UTF-8, perhaps Windows"):
        parsed(_encoded(encoding))


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated() -> None:
    files = {
        name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        for name, text in good_files().items()
    }
    roster = parsed(files)
    assert problems_of(roster) == []
    assert roster.people.records["teacher-1"].family_name == "Able"
    assert parsed(_encoded("utf-8")).people.records["teacher-1"].family_name == "Ábel"


def test_the_case_of_a_header_is_mended_and_unknown_columns_are_passed_over() -> None:
    files = edited("orgs.csv", "sourcedId,status,name,type", "SourcedID,dataLastModified,Name,TYPE")
    assert problems_of(parsed(files)) == []


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_named_as_the_reason(delimiter: str) -> None:
    files = good_files()
    files["orgs.csv"] = files["orgs.csv"].replace(",", delimiter)
    with pytest.raises(Fault, match="wrong_delimiter"):
        parsed(files)


def test_all_files_and_columns_that_are_missing_are_named_at_once() -> None:
    files = good_files()
    del files["enrollments.csv"]
    files["orgs.csv"] = files["orgs.csv"].replace("name,type", "title,kind")
    files["users.csv"] = files["users.csv"].replace("enabledUser", "enabled")
    files["roles.csv"] = files["roles.csv"].replace(",", ";")
    files["courses.csv"] = files["courses.csv"].replace("sourcedId", "id")
    with pytest.raises(Fault) as caught:
        parsed(files)
    assert (caught.value.kind, caught.value.code) == (Kind.INVALID, "missing_column")
    assert caught.value.detail == (
        "orgs.csv: it lacks name, type. users.csv: it lacks enabledUser. "
        "roles.csv: its cells are not separated by commas. The zip has no enrollments.csv. "
        "courses.csv: it lacks sourcedId."
    )


@pytest.mark.parametrize("name", ["manifest.csv", "orgs.csv", "enrollments.csv"])
def test_a_missing_file(name: str) -> None:
    files = good_files()
    del files[name]
    with pytest.raises(Fault, match=r"no_manifest|missing_file"):
        parsed(files)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../orgs.csv", "unsafe_path"),
        ("/orgs.csv", "unsafe_path"),
        ("a/../../orgs.csv", "unsafe_path"),
        ("..\\orgs.csv", "unsafe_path"),
        ("C:orgs.csv", "unsafe_path"),
        ("roster/orgs.csv", "nested_folder"),
        ("folder/", "nested_folder"),
    ],
)
def test_where_an_entry_may_lie(name: str, code: str) -> None:
    with pytest.raises(Fault, match=code):
        parsed({**good_files(), name: "x"})


def test_a_bomb_is_refused_unread() -> None:
    with pytest.raises(Fault) as caught:
        parsed({**good_files(), "orgs.csv": b"\0" * 4_000_000})
    assert (caught.value.kind, caught.value.code) == (Kind.TOO_LARGE, "zip_bomb")


def test_what_the_directory_claims_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1_000)
    with pytest.raises(Fault, match="unpacked_too_large"):
        parsed(good_files())


def test_too_many_entries_are_refused_before_the_directory_is_read() -> None:
    with pytest.raises(Fault, match="too_many_entries"):
        parsed({**good_files(), **{f"{n}.csv": "" for n in range(100)}})


def test_a_zip64_directory_is_refused() -> None:
    packed = zipped(good_files())
    end = packed.rindex(b"PK\x05\x06")
    spoiled = packed[:end] + b"PK\x06\x07" + b"\0" * 16 + packed[end:]
    with pytest.raises(Fault, match="too_many_entries"):
        read_roster(io.BytesIO(spoiled), "north", TODAY, OwnRoles())


def test_an_encrypted_entry_is_refused() -> None:
    packed = bytearray(zipped(good_files()))
    at = packed.index(b"PK\x01\x02")
    struct.pack_into("<H", packed, at + 8, 1)
    with pytest.raises(Fault, match="encrypted_zip"):
        read_roster(io.BytesIO(packed), "north", TODAY, OwnRoles())


def test_another_compression_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("orgs.csv", good_files()["orgs.csv"])
    with pytest.raises(Fault, match="compression_method"):
        read_roster(packed, "north", TODAY, OwnRoles())


def test_two_entries_of_one_name_are_refused() -> None:
    packed = bytearray(zipped({**good_files(), "xrgs.csv": "sourcedId,name,type\n"}))
    with pytest.raises(Fault, match="duplicate_entry"):
        read_roster(
            io.BytesIO(packed.replace(b"xrgs.csv", b"orgs.csv")), "north", TODAY, OwnRoles()
        )


def test_two_names_of_one_entry_are_refused() -> None:
    packed = io.BytesIO(zipped({f"x/{name}": text for name, text in good_files().items()}))
    with zipfile.ZipFile(packed, "a") as out:
        out.writestr("x\\users.csv", "sourcedId\n")
    with pytest.raises(Fault, match="duplicate_entry"):
        read_roster(packed, "north", TODAY, OwnRoles())


@pytest.mark.parametrize("junk", [b"", b"PK", b"sourcedId,name\n", b"PK\x05\x06" + b"\0" * 5])
def test_what_is_no_zip(junk: bytes) -> None:
    with pytest.raises(Fault, match="bad_zip"):
        read_roster(io.BytesIO(junk), "north", TODAY, OwnRoles())


@given(st.data())
def test_damage_anywhere_is_a_fault_or_goes_unnoticed(data: st.DataObject) -> None:
    packed = bytearray(zipped(good_files()))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 64))
    with suppress(Fault):  # any other exception fails the test
        read_roster(io.BytesIO(packed[: len(packed) - cut]), "north", TODAY, OwnRoles())


async def test_an_upload_ends_at_its_limit() -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"\0" * (8 * 1024 * 1024)

    with pytest.raises(Fault) as caught:
        await receive(chunks())
    assert caught.value.kind is Kind.TOO_LARGE
    assert sent == MOST_BYTES // (8 * 1024 * 1024) + 1


async def test_an_upload_that_does_not_come_to_its_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upload, "RECEIVE_SECONDS", 0.0)
    given_up = asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"PK"
            await asyncio.Event().wait()
        finally:
            given_up.set()

    with pytest.raises(Fault, match="body_too_slow"):
        await receive(chunks())
    assert given_up.is_set()


def test_the_page_names_the_files_and_columns_that_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs/roster.md").read_text()
    rows = re.findall(r"^\| `(\w+)\.csv` \| (.*) \| (.*) \|$", page, re.MULTILINE)
    told = {file: tuple(set(re.findall(r"`(\w+)`", each)) for each in cells)
            for file, *cells in rows}  # fmt: skip
    with archive.opened(io.BytesIO(zipped(good_files()))) as opened:
        tables = {name: made(opened) for name, made in reader.TABLES.items() if name != "courses"}
    for name, table in tables.items():
        assert told[name] == (
            set(table.columns),
            set(table.optional) - {"status", "dateLastModified"},
        ), name
