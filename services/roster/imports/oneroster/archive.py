"""A zip from outside: checked before anything in it is unpacked, and never unpacked to disk.

What the directory declares bounds what is read: `zipfile` gives no more of an entry than
its declared size.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from services.chassis.kernel import Fault, Kind, invalid

MOST_ENTRIES = 100
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_RATIO = 200  # honest CSV packs 5 to 30 times
RATIO_MATTERS = 1024 * 1024

_END, _END_SIZE = b"PK\x05\x06", 22
_ZIP64_LOCATOR, _ZIP64_LOCATOR_SIZE = b"PK\x06\x07", 20
_MOST_COMMENT = 65_535
_DIRECTORY_BYTES = 64 * 1024
_ENCRYPTED = 0x1
_BESIDE = "__MACOSX"  # the folder in which macOS keeps what is no file elsewhere


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of a zip, by the names that they have at its top or, where all lie in one
    folder, in that folder, whatever the case of their letters. What macOS adds is not among
    them."""

    _zip: zipfile.ZipFile
    _entries: dict[str, zipfile.ZipInfo]  # in lower case
    _names: frozenset[str]

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def is_called(self, name: str) -> bool:
        """Whether these are the letters of the one that is found by the name."""
        return name in self._names

    def is_empty(self, name: str) -> bool:
        return self._entries[name.lower()].file_size == 0

    def open(self, name: str) -> IO[bytes]:
        """Raises what `damage` stands for."""
        return self._zip.open(self._entries[name.lower()])


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Archive]:
    """The archive in a seekable file. Raises Fault INVALID or TOO_LARGE."""
    _check_directory(file)
    with damage():
        archive = zipfile.ZipFile(file)
    with archive:
        _check_entries(archive.infolist())
        named = _by_name(archive.infolist())
        lower = {name.lower(): entry for name, entry in named.items()}
        if len(lower) < len(named):
            raise invalid("duplicate_entry", "Two entries of the zip have the same name.")
        yield Archive(archive, lower, frozenset(named))


@contextmanager
def damage() -> Iterator[None]:
    """What `zipfile` raises on a damaged archive as Fault INVALID `bad_zip`."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        OverflowError,
        RuntimeError,  # an entry whose own header says that it is encrypted
        ValueError,
    ):
        raise invalid("bad_zip", "The file is not a zip archive, or it is damaged.") from None


def _check_directory(file: IO[bytes]) -> None:
    """Bound the directory before `zipfile` reads it: it is loaded whole. Finds the same end
    record as `zipfile` does."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END_SIZE - _MOST_COMMENT))
    tail = file.read()
    at = len(tail) - _END_SIZE
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise invalid("bad_zip", "The file is not a zip archive, or it is damaged.")
    entries, size = struct.unpack_from("<HL", tail, at + 10)
    locator = at - _ZIP64_LOCATOR_SIZE
    zip64 = locator >= 0 and tail[locator : locator + 4] == _ZIP64_LOCATOR
    if zip64 or entries > MOST_ENTRIES or size > _DIRECTORY_BYTES:
        raise _too_large("too_many_entries", f"A roster zip has at most {MOST_ENTRIES} entries.")


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names: set[str] = set()
    total = 0
    for entry in entries:
        # zipfile turns "\" of its own platform into "/"; elsewhere it stands in the name.
        name = entry.filename.replace("\\", "/")
        if ".." in name.split("/") or name.startswith("/") or ":" in name:
            raise invalid("unsafe_path", "An entry's path leads out of the archive.")
        if name in names:
            raise invalid("duplicate_entry", "Two entries of the zip have the same name.")
        names.add(name)
        if entry.flag_bits & _ENCRYPTED:
            raise invalid("encrypted_zip", "An entry of the zip is encrypted.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise invalid("compression_method", "Entries are stored or deflated, nothing else.")
        total += entry.file_size
        packed = max(1, entry.compress_size)
        if entry.file_size > RATIO_MATTERS and entry.file_size > MOST_RATIO * packed:
            raise _too_large("zip_bomb", "An entry unpacks to far more than a CSV file would.")
    if total > MOST_UNPACKED:
        raise _too_large("unpacked_too_large", f"More than {MOST_UNPACKED} bytes unpacked.")


def _by_name(entries: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The entries by what comes after the one folder that all lie in, if there is one."""
    paths = {entry.filename.replace("\\", "/"): entry for entry in entries}
    ours = {path: entry for path, entry in paths.items() if not _of_macos(path)}
    tops = {path.partition("/")[0] for path in ours}
    folder = f"{tops.pop()}/" if len(tops) == 1 else ""
    if any(not path.startswith(folder) for path in ours):
        folder = ""  # one file alone, at the top
    ours.pop(folder, None)
    named = {path.removeprefix(folder): entry for path, entry in ours.items()}
    if any("/" in name for name in named):
        raise invalid(
            "nested_folder", "The CSV files must lie at the top of the zip, or in one folder."
        )
    return named


def _of_macos(path: str) -> bool:
    folder, _, _ = path.partition("/")
    name = path.rpartition("/")[2]
    return folder == _BESIDE or name.startswith("._") or name == ".DS_Store"


def _too_large(code: str, detail: str) -> Fault:
    return Fault(Kind.TOO_LARGE, code, detail)
