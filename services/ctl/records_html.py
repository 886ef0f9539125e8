"""What is held about a person as a page to read: no script, nothing from elsewhere, and of other
people their part in it in place of their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from typing import IO, Any

import orjson

from services.assembly.data_schedule import FieldHolds, data_schedule
from services.ctl import console
from services.ctl.records import Thing

HEAD = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What is held about {person}</title>
<style>
body {{ font: 1rem/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
dl {{ border-top: 1px solid #767676; margin: 0; padding: .5rem 0; }}
dt {{ font-weight: bold; }} dd {{ margin: 0 0 .25rem 1rem; white-space: pre-wrap; }}
.words {{ background: #fff3c4; color: #000; }}
</style>
<h1>What is held about {person}</h1>
<p>District {district}, {made}. Other people are called by their part in it. What somebody wrote in
her own words is marked: it may name others. Read it before you hand it on.</p>
"""
_CALLED = {
    "coach": "coach",
    "teacher": "teacher",
    "teachers": "teacher",
    "observer": "observer",
    "substitute": "substitute",
    "audience": "colleague",
    "people": "colleague",
}
_OTHERS = frozenset({"viewer"})  # of looks, which are no records


def _fields(service: str, kind: str, holds: FieldHolds) -> frozenset[str]:
    """The fields of a kind of record that hold this, by their dotted names; of what is no kind, as
    what has left a record, those of all records of its service, by the last parts of their
    names."""
    records = data_schedule().records
    if record := records.get(f"{service}/{kind}"):
        return frozenset(record.stored.get(holds, ()))
    mine = (each for name, each in records.items() if name.partition("/")[0] == service)
    return frozenset(
        name.rpartition(".")[2] for each in mine for name in each.stored.get(holds, ())
    )


class HtmlWriter:
    """Service by service, kind by kind."""

    def __init__(self, file: IO[str], person: str) -> None:
        self._file, self._person = file, person
        self._people: frozenset[str] = frozenset()  # fields of what is told now
        self._words: frozenset[str] = frozenset()
        self._called: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._under = ("", "")

    def begin(self, about: Mapping[str, Any]) -> None:
        told = {"district": about["district_id"], "made": about["made_at"], "person": self._person}
        self._file.write(HEAD.format(**{name: _text(each) for name, each in told.items()}))

    def add(self, service: str, thing: Thing) -> None:
        under = (service, thing["kind"])
        if under != self._under:
            if service != self._under[0]:
                self._file.write(f"<h2>{_text(service)}</h2>\n")
            self._file.write(f"<h3>{_text(thing['kind'])}</h3>\n")
            self._under = under
            self._people = _fields(*under, FieldHolds.PERSON) | _OTHERS
            self._words = _fields(*under, FieldHolds.WORDS) | {"text"}
        role = f", as {thing['role']}" if thing["role"] else ""
        when = f", {thing['at']}" if thing["at"] else ""
        title = f"{thing['part']} {thing['of_id']}, number {thing['number']}{role}{when}"
        lines = "".join(self._lines(orjson.loads(thing["content"]), ""))
        self._file.write(f"<dl>\n<dt>{_text(title)}</dt>\n{lines}</dl>\n")

    def end(self, count: int, left_out: int) -> None:
        lacks = f" {left_out} could not be read and are not here." if left_out else ""
        self._file.write(f"<p>{count} things.{lacks}</p>\n</html>\n")

    def _lines(self, value: Any, place: str) -> Iterator[str]:
        """A line for each value that is not empty, by its dotted name."""
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from self._lines(inner, f"{place}.{name}" if place else name)
        elif isinstance(value, list):
            for number, inner in enumerate(value, 1):
                yield from self._lines(inner, f"{place}.{number}")
        elif value not in (None, ""):
            parts = [each for each in place.split(".") if not each.isdecimal()]
            named = {".".join(parts), parts[-1]}  # of a record, and of what has left one
            shown = str(value) if named.isdisjoint(self._people) else self._call(parts[-1], value)
            mark = "" if named.isdisjoint(self._words) else ' class="words"'
            yield f"<dd{mark}>{_text(place)}: {_text(shown)}</dd>\n"

    def _call(self, name: str, person: Any) -> str:
        if person == self._person:
            return self._person
        if person not in self._called:
            word = _CALLED.get(name, "person")
            self._numbers[word] += 1
            self._called[person] = f"{word} {self._numbers[word]}"
        return self._called[person]


def _text(value: object) -> str:
    """As text of a page, line by line."""
    return escape("\n".join(console.plain(each) for each in str(value).split("\n")))
