"""All that is held about a person, asked of every service page by page, and written as it comes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import orjson

from services.assembly.registry import WRITE_SERVICES
from services.ctl.exits import Exit, Stop

if TYPE_CHECKING:
    from services.ctl.client import ApiClient

PAGE = 200
FORMAT = 1  # of the JSON document
Thing = Mapping[str, Any]


class Writer(Protocol):
    """Writes a document, thing by thing."""

    def begin(self, about: Mapping[str, Any]) -> None: ...
    def add(self, service: str, thing: Thing) -> None: ...
    def end(self, count: int, left_out: int) -> None: ...


class JsonWriter:
    """One JSON object, a thing on each line; `content` stands in it as the service has given it."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._first = True

    def begin(self, about: Mapping[str, Any]) -> None:
        head = orjson.dumps({"tandem_records": FORMAT, **about}).decode()
        self._file.write(f'{head[:-1]},"records":[')

    def add(self, service: str, thing: Thing) -> None:
        said = {"service": service, **{name: thing[name] for name in thing if name != "content"}}
        text = f'{orjson.dumps(said).decode()[:-1]},"content":{thing["content"]}}}'
        self._file.write(f"{'' if self._first else ','}\n{text}")
        self._first = False

    def end(self, count: int, left_out: int) -> None:
        self._file.write(f'\n],"count":{count},"left_out":{left_out}}}\n')


class Fetched:
    """What a service could not read is in `left_out`."""

    def __init__(self, api: ApiClient, token: str, district: str, person: str) -> None:
        self._api, self._token = api, token
        self._district, self._person = district, person
        self.count = self.left_out = 0

    async def things(self) -> AsyncIterator[tuple[str, Thing]]:
        """Each with its service. Raises Stop where a service does not answer."""
        for service in WRITE_SERVICES:
            page = ""
            while True:
                asked = {"person_id": self._person, "page_size": PAGE}
                asked |= {"page_token": page} if page else {}
                answer = await self._api.send(
                    self._token,
                    "GET",
                    service,
                    "/personal-records",
                    params=asked,
                    district=self._district,
                )
                for each in answer.body["personal_records"]:
                    self.count += 1
                    yield service, each
                self.left_out += answer.body["left_out"]
                page = answer.body["next_page_token"]
                if not page:
                    break


@contextmanager
def written(place: Path) -> Iterator[IO[str]]:
    """A file that has its name only once it is whole, and that its owner alone may read. Raises
    Stop where it cannot be written."""
    part = place.with_name(f"{place.name}.part")
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as file:
                yield file
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Stop(Exit.USAGE, f"{place} cannot be written: {why}") from None
