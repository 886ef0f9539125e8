"""What a request of an operation is made of, read from its use case's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_type_hints

from fastapi import Query
from pydantic import BaseModel, ConfigDict, create_model

from services.chassis.call import Call, caller_of
from services.chassis.edge import paging
from services.chassis.fields import DIGITS, ME, Body, Callers

Fields = Mapping[str, tuple[Any, Any]]  # name -> annotation and default, ... where it is needed


_PAGE: Fields = {
    "page_size": (
        Annotated[
            int,
            Query(ge=0, le=10_000, description="0: 50; at most 200 are given"),
            DIGITS,
        ],
        0,
    ),
    "page_token": (
        Annotated[
            str,
            Query(max_length=paging.MAX_TOKEN, description="next_page_token of the page before"),
        ],
        "",
    ),
}
_PAGING = ("after", "limit")


class Asking:
    """What a request of an operation is made of, and the model that checks it whole: it has
    the fields `path`, `query` and `body`, as far as there are such parts. An id of path or query
    that is `IdOrMe` may be `me`: see `meant`."""

    def __init__(self, name: str, path: Fields, query: Fields | None, body: Any = None) -> None:
        self.path, self.query, self.body = path, query, body
        self.parts: dict[str, type[BaseModel]] = {}
        if path:
            self.parts["path"] = _model(f"{name}_path", path)
        if query is not None:
            self.parts["query"] = _model(f"{name}_query", query)
        fields: dict[str, tuple[Any, Any]] = {
            part: (model, ...) for part, model in self.parts.items()
        }
        if body is not None:
            self.parts["body"], _ = fields["body"] = body
        self.model = _model(f"{name}_asked", fields)
        self._callers = {
            part: frozenset(each for each, (kind, _) in named.items() if _is_callers(kind))
            for part, named in (("path", path), ("query", query or {}))
        }

    def meant(self, given: dict[str, Any], call: Call) -> dict[str, Any]:
        """What is given, part by part, with the caller's id in place of each `me`. Raises Fault
        INVALID where the caller is no person."""
        for part, names in self._callers.items():
            for name in names:
                if given[part].get(name) == ME:
                    given = {**given, part: {**given[part], name: caller_of(call, f"/{name}")}}
        return given


def asked_of(case: Callable[..., Any], path: Sequence[str], *, paged: bool, reads: bool) -> Asking:
    """What a use case takes after ports and call: the ids of `path` by name, a body, or, where it
    `reads`, filters. Raises ValueError where that is not what it takes."""
    hints = get_type_hints(case, include_extras=True)
    ids: dict[str, Any] = {}
    body: Any = None
    filters: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(case).parameters.items())[2:]:
        kind, default = hints[name], parameter.default
        if name in path:
            ids[name] = (kind, ...)
        elif reads:
            if not paged or name not in _PAGING:
                filters[name] = (kind, ... if default is parameter.empty else default)
        elif isinstance(kind, type) and issubclass(kind, Body) and body is None:
            body = (kind, ... if default is parameter.empty else default)
        else:
            raise ValueError(f"{case.__name__}: `{name}` is neither in the path nor a body")
    if list(ids) != list(path):
        raise ValueError(f"{case.__name__}: takes {list(ids)} of the path's {list(path)}")
    query = {**filters, **(_PAGE if paged else {})} or None
    return Asking(case.__name__, ids, query, body)


def _is_callers(kind: Any) -> bool:
    parts = get_args(kind)
    return any(isinstance(part, Callers) or _is_callers(part) for part in parts)


def _model(name: str, fields: Fields) -> type[BaseModel]:
    given: Any = dict(fields)
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(frozen=True), **given)
    return made
