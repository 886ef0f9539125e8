"""The base of request bodies, for REST and gRPC alike."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_ISO = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d))?")


def _from_text(node: Any, handler: GetCoreSchemaHandler) -> None:
    """Let dates, instants and enums be read from text, though all else is strict."""
    if isinstance(node, list | tuple):
        for each in node:
            _from_text(each, handler)
    elif isinstance(node, dict):
        kind = node.get("type")
        if kind == "definition-ref":  # pydantic keeps each enum class once, apart
            found = handler.resolve_ref_schema(
                core_schema.definition_reference_schema(node["schema_ref"])
            )
            if found["type"] == "enum":
                found["strict"] = False
            return
        if kind == "enum":
            node["strict"] = False
        elif kind in ("date", "datetime"):
            inner = {**node, "strict": False}
            if kind == "datetime":
                inner["tz_constraint"] = "aware"
            node.clear()
            node.update(core_schema.no_info_before_validator_function(_iso, inner))
        elif not (kind == "function-before" and node["function"]["function"] is _iso):
            for name, each in node.items():
                if name not in ("metadata", "serialization", "default"):
                    _from_text(each, handler)


def _iso(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value
    if isinstance(value, str) and _ISO.fullmatch(value):
        return value
    raise PydanticCustomError("iso_8601", "A date is YYYY-MM-DD, an instant has an offset too.")


class Body(BaseModel):
    """A request body: strict types, unknown fields refused, ISO texts for dates and
    instants (an instant needs its offset), texts for enums."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _from_text(schema, handler)
        return schema
