"""What a request of an operation is made of, read from its use case's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_type_hints

from fastapi import Query
from pydantic import BaseModel, ConfigDict, create_model

from services.chassis.edge import paging
from services.chassis.fields import Body, QueryInt

Fields = Mapping[str, tuple[Any, Any]]  # name -> annotation and default, ... where it is needed


_PAGE: Fields = {
    "page_size": (
        Annotated[QueryInt, Query(ge=0, le=10_000, description="0: 50; at most 200 are given")],
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
    the fields `path`, `query` and `body`, as far as there are such parts."""

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


def _model(name: str, fields: Fields) -> type[BaseModel]:
    given: Any = dict(fields)
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(frozen=True), **given)
    return made
