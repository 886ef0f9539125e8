"""`python -m services.ctl.docs_errors [--check]`: writes docs/errors.md, from what the code says.

A code stands where the fault is made, with its kind and what it tells. With `--check` nothing is
written; exit code 1 says that the page is out of date.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path

from services.chassis.edge.errors import ANSWERS, answer_of
from services.chassis.kernel import Fault, Kind
from services.ctl.remedies import REMEDIES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/errors.md"
# Who makes faults: the place of the code among the arguments; the text follows. The kind is the
# first argument, where none stands here.
_MAKERS: Mapping[str, tuple[Kind | None, int]] = {
    "Fault": (None, 1),
    "invalid": (Kind.INVALID, 0),
    "_fault": (Kind.INVALID, 0),
    "conflict": (Kind.CONFLICT, 0),
    "Hindrance": (Kind.CONFLICT, 0),
    "forbidden": (Kind.FORBIDDEN, 0),
    "_too_large": (Kind.TOO_LARGE, 0),
    "WrongDates": (Kind.INVALID, 3),
    "Bound": (Kind.CONFLICT, 2),
    "FairShare": (Kind.CONFLICT, 1),
}
ANY = "..."
# Where faults are made of what a roster's files, or the server that has them, hold.
_OF_FILES = (
    ROOT / "services/roster/imports/oneroster",
    ROOT / "services/roster/imports/pulling",
)
Codes = Mapping[Kind, Mapping[str, set[str]]]
_CODE = re.compile(r"[a-z]+(_[a-z]+)*")
_REMEDIES = {
    Kind.INVALID: "The request is wrong, whatever the state: change it where `errors` points to.",
    Kind.UNAUTHENTICATED: "Get a new token from the district's identity provider.",
    Kind.FORBIDDEN: "This caller may not: it takes another role, person or scope.",
    Kind.NOT_FOUND: "Look at the id. What is not yours to see looks like what does not exist.",
    Kind.CONFLICT: "The state does not allow it: read the resource, whose `allowed` says what may "
    "be done with it now, and do what comes first.",
    Kind.STALE: "Somebody else was faster: read again, decide again, and send the new version.",
    Kind.KEY_REUSED: "Take a new key for another change.",
    Kind.TOO_LARGE: "Send less at once.",
    Kind.UNSUPPORTED: "Send the media type that is named.",
    Kind.LIMITED: "A bound is reached: do what the text says, or come again after `Retry-After`.",
    Kind.OVERLOADED: "Nothing was done: send it again after `Retry-After`.",
    Kind.UNAVAILABLE: "It may be done: send it again after `Retry-After`, with the same key.",
}
# What no fault says: the edge answers it by itself.
_EDGE = {
    "invalid_request (422)": "The request breaks its schema: `errors` says where, and what.",
    "unknown_field": "In `errors`: a field is not known here; it says which there are.",
    "no_such_route (404)": "There is no such path.",
    "method_not_allowed (405)": "The path takes what `Allow` says.",
    "malformed_request (400)": "It is not HTTP/1.1.",
    "head_too_slow (408), head_too_large (431)": "Send the headers at once, and fewer.",
    "internal (500)": "A fault of ours: report it with `instance`. The same key may be sent again.",
}
_INTRO = """\
# Codes of problems

This page is generated from the code: run `python -m services.ctl.docs_errors`.
`tests/contract/test_docs.py` fails while the page is out of date.

A refusal over REST is a problem (RFC 9457) whose `code` is stable; over gRPC the same code stands
in upper case in `ErrorInfo.reason`. Branch on it: texts change. Where `errors` names places in the
request, their codes are these, or what is wrong with a single value (`missing`,
`string_too_long`, `greater_than_equal`, ...). What may be sent again:
[calling.md](calling.md#what-holds-for-both).
"""
_FILES = """\
## Of a roster's files

What is wrong with the files of an import as a whole, or with the server that they are fetched from:
the code of a problem where a file is refused at once (422; 413 where it is too large), else the
`code` of the import that has failed. `detail` says in which file and line it is. What is wrong with
single rows is in the import's report, by codes that [roster.md](roster.md) has.
"""


def page() -> str:
    parts = [_INTRO, "## Of the edge itself\n", "| code | what it says |", "| --- | --- |"]
    parts += [f"| {code} | {text} |" for code, text in _EDGE.items()] + [""]
    found = _codes_in([each for each in _files() if not _is_of_files(each)])
    for kind, remedy in _REMEDIES.items():
        answer = ANSWERS[kind]
        parts.append(f"## {answer.title}\n\n{answer.status}, `{answer.code.name}`. {remedy}\n")
        parts += _told(kind, found[kind])
    parts.append(_FILES)
    of_files = _codes_in(filter(_is_of_files, _files()))
    for kind in _REMEDIES:
        parts += _told(kind, of_files[kind])
    return "\n".join(parts).replace("\n\n\n", "\n\n")


def _told(kind: Kind, codes: Mapping[str, set[str]]) -> Iterator[str]:
    for code in sorted(codes):
        status = answer_of(Fault(kind, code)).status
        yield f"### {code}\n"
        if status != ANSWERS[kind].status:
            yield f"{status}.\n"
        yield from (f"- {text}" for text in sorted(codes[code]))
        yield ""
        if remedy := REMEDIES.get(code) or REMEDIES.get(f"{code} {status}"):
            yield f"{remedy}\n"


def _files() -> list[Path]:
    """Without those of a caller of the services."""
    own = (ROOT / "services").rglob("*.py")
    return sorted(each for each in own if not each.is_relative_to(ROOT / "services/ctl"))


def _is_of_files(path: Path) -> bool:
    return any(map(path.is_relative_to, _OF_FILES))


def codes() -> Codes:
    """By kind: each code with what it tells, `...` standing for what differs."""
    return _codes_in(_files())


def _codes_in(paths: Iterable[Path]) -> Codes:
    found: dict[Kind, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in paths:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        named = [node for node in nodes if isinstance(node, ast.Assign)]
        for call in nodes:
            if isinstance(call, ast.Call):
                for kind, code, texts in made(call, named):
                    found[kind][code].update(texts)
    return found


def made(call: ast.Call, named: list[ast.Assign]) -> Iterator[tuple[Kind, str, set[str]]]:
    """The faults that a call makes: kind, code and what is told; `named` are the assignments of
    its module."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    kind, place = _MAKERS.get(name, (None, len(call.args)))
    if name == "Fault" and isinstance(call.args[0], ast.Attribute):
        kind = Kind.__members__.get(call.args[0].attr)
    if kind is None or len(call.args) <= place:
        return
    told = {text for each in call.args[place + 1 :] for text in _texts(each, named) if " " in text}
    for code in _texts(call.args[place], named):
        if _CODE.fullmatch(code):
            yield kind, code, told


def _texts(node: ast.expr, named: list[ast.Assign]) -> Iterator[str]:
    """What an expression may be; a name is what it was last called above it."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(
                str(each.value) if isinstance(each, ast.Constant) else ANY for each in values
            )
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one, named)
            yield from _texts(other, named)
        case ast.Name(id=name):
            known = [
                (each.lineno, value)
                for each in named
                if each.lineno < node.lineno
                for to in each.targets
                for called, value in _pairs(to, each.value)
                if isinstance(called, ast.Name) and called.id == name
            ]
            if known:
                yield from _texts(max(known, key=itemgetter(0))[1], named)


def _pairs(to: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What an assignment calls what."""
    if isinstance(to, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(to.elts, value.elts, strict=True)
    else:
        yield to, value


def main(arguments: list[str]) -> int:
    new = page().rstrip("\n") + "\n"
    old = PAGE.read_text() if PAGE.exists() else ""
    if "--check" in arguments:
        if old != new:
            sys.stderr.write("docs/errors.md is out of date: python -m services.ctl.docs_errors\n")
        return int(old != new)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
