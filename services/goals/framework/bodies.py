"""What is sent to import a framework of standards, and what its file says."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.fields import Body, Line
from services.goals.framework.domain import MOST_AT_ONCE

_EXAMPLE = "7a1e5c52-0000-4000-8000-000000000001"
Guid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
StandardCode = Annotated[str, StringConstraints(max_length=100)]
CodeBegins = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    Field(description="Only those whose code begins so"),
]
StandardText = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class BeginFramework(Body):
    case_id: Guid = Field(examples=[_EXAMPLE], description="The identifier of its CASE document")
    title: Line = Field(examples=["Mathematics, grade 7"])
    edition: Annotated[str, StringConstraints(max_length=100)] = Field(
        default="", examples=["2026"], description="Its version, as the file says it"
    )
    source: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", examples=["The district's own"], description="Who has written it"
    )


class StateStandard(Body):
    standard_id: Guid = Field(examples=[_EXAMPLE])
    code: StandardCode = Field(default="", examples=["M.7.1"])
    text: StandardText = Field(examples=["Explain why two ratios are equal."])
    parent_id: Guid | None = None


class ExtendFramework(Body):
    standards: list[StateStandard] = Field(min_length=1, max_length=MOST_AT_ONCE)
