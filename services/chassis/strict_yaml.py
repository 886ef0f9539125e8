"""A YAML file that an operator writes, read strictly: a mistake is named with its line.

Of YAML it knows mappings with text keys, lists, texts, integers, `true`, `false` and `null`; no
anchors, aliases, tags or second document. What looks like a date, or `yes`, is a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from services.chassis.settings import BadSettings

M = TypeVar("M", bound=BaseModel)

MOST_BYTES = 1 << 20
DEEPEST = 16
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_SHOWN = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_QUOTED = re.compile(r"'.*'|\".*\"", re.DOTALL)

Pointer = tuple[str | int, ...]


class YamlFile:
    """What a file says. Raises BadSettings, one line that names file, line and key path and
    never a value, where the file cannot be read, is larger than 1 MiB or says it wrongly."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: dict[Pointer, int] = {}
        text = self._text()
        try:
            events = iter(yaml.parse(text, Loader=yaml.SafeLoader))
            self._content = self._document(events)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = _QUOTED.sub("...", str(error.problem or error.context))
            raise self._wrong(mark.line + 1 if mark else 1, f"no YAML: {problem}") from None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            raise self._wrong(line, "no YAML: a control character") from None

    def into(self, model: type[M], context: Mapping[str, Any] | None = None) -> M:
        """The content as `model`, in strict mode. Raises BadSettings for the first mistake."""
        try:
            return model.model_validate_json(
                json.dumps(self._content), strict=True, context=dict(context or {})
            )
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False, include_context=False)
            first = min(found, key=lambda each: self._line(each["loc"]))
        place = first["loc"] if first["type"] == "missing" else self._known(first["loc"])
        raise self.mistake(place, first["msg"].removeprefix("Value error, "))

    def mistake(self, place: Sequence[str | int], what: str) -> BadSettings:
        """An error about what stands at `place`: keys, and numbers of list items."""
        return self._wrong(self._line(place), f"{_path(place)}: {what}" if place else what)

    def _wrong(self, line: int, what: str) -> BadSettings:
        return BadSettings(f"{self._path}:{line}: {' '.join(what.split())}")

    def _known(self, place: Sequence[str | int]) -> Pointer:
        """The longest beginning of `place` that stands in the file."""
        known = tuple(place)
        while known and known not in self._lines:
            known = known[:-1]
        return known

    def _line(self, place: Sequence[str | int]) -> int:
        return self._lines.get(self._known(place), 1)

    def _text(self) -> str:
        try:
            with open(self._path, "rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise BadSettings(f"{self._path}: {error.strerror}") from None
        if len(content) > MOST_BYTES:
            raise BadSettings(f"{self._path}: larger than 1 MiB")
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise self._wrong(content.count(b"\n", 0, error.start) + 1, "no UTF-8") from None

    def _document(self, events: Iterator[Any]) -> Any:
        next(events)  # the stream's start
        if isinstance(next(events), yaml.StreamEndEvent):
            return {}
        content = self._value(events, next(events), ())
        next(events)  # the document's end
        after = next(events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._wrong(after.start_mark.line + 1, "one document only")
        return content

    def _value(self, events: Iterator[Any], event: Any, place: Pointer) -> Any:
        self._lines.setdefault(place, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self.mistake(place, "no anchors and aliases")
        if event.tag is not None:
            raise self.mistake(place, "no tags")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(place) >= DEEPEST:
            raise self.mistake(place, f"more than {DEEPEST} levels")
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                items.append(self._value(events, event, (*place, len(items))))
            return items
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
                raise self._wrong(event.start_mark.line + 1, "a key is a plain text")
            inside = (*place, event.value)
            if event.value in found:
                raise self._wrong(event.start_mark.line + 1, f"{_path(inside)}: a second time")
            self._lines[inside] = event.start_mark.line + 1
            found[event.value] = self._value(events, next(events), inside)
        return found


def _path(place: Sequence[str | int]) -> str:
    keys = (str(key) for key in place)
    return ".".join(key if _SHOWN.fullmatch(key) else "?" for key in keys)


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style is not None:  # quoted, or a block of text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
