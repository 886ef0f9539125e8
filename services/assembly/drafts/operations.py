"""What a person may do with her drafts in a service: hers alone, whatever else she may see. No
partner's program reads one, no administrator does.

Each service that people type for mounts this table and names its kinds.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import Field, create_model

from services.access.policy import Policy
from services.assembly.drafts import cases
from services.assembly.drafts.cases import Ports
from services.assembly.drafts.resources import shown_of
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.chassis.write.drafts import Draft

HERS = Policy(staff=True)  # of whoever asks, there is no way to name another author


@functools.cache
def drafts_of(service: str, kinds: tuple[str, ...]) -> Table[Ports, Policy]:
    """The operations of a service whose drafts are of these `kinds` and no others. Its RPC service
    is the one of its own `draft.proto`."""
    messages = import_module(f"coaching.{service}.v1.draft_pb2")
    rpcs = import_module(f"coaching.{service}.v1.draft_pb2_grpc")
    words: Any = Literal  # of a service's own, which no type can know
    described: Any = Annotated
    kind = words[kinds]
    body = create_model(
        "SaveDraft",
        __base__=cases.SaveDraft,
        kind=(kind, Field(description="What is being typed", examples=[kinds[0]])),
    )
    page, summary, resource = shown_of(kinds)
    draft: Noun[Ports, Draft] = Noun("/drafts/{draft_id:path}", None, resource)
    save = _narrowed(cases.save_draft, asked=body)
    wanted = described[kind | None, Field(description="Only drafts of this kind")]
    listed = _narrowed(cases.list_drafts, kind=wanted)
    return Table(
        service,
        messages.DESCRIPTOR.services_by_name["DraftsService"],
        rpcs.add_DraftsServiceServicer_to_server,
        draft.change(save, HERS, "", verb="PUT", late=None),
        draft.get(HERS, cases.get_draft),
        draft.change(cases.delete_draft, HERS, "", verb="DELETE", late=None),
        draft.find(listed, HERS, page, summary),
    )


def _narrowed(case: Callable[..., Any], **hints: Any) -> Callable[..., Any]:
    """The same use case, some of whose arguments are of narrower types."""

    @functools.wraps(case)
    async def narrowed(*args: Any, **named: Any) -> Any:
        return await case(*args, **named)

    narrowed.__annotations__ = {**get_type_hints(case, include_extras=True), **hints}
    return narrowed
