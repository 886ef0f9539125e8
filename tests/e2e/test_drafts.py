"""A draft whose save was answered is there after a kill -9, and another device reads it."""

from __future__ import annotations

import grpc
import pytest

from coaching.goals.v1 import draft_pb2, draft_pb2_grpc
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack

DRAFT = "/goals/v1/drafts/typed-in-the-train"


async def test_what_was_saved_survives_the_death_of_the_process(
    north: Coaching, stack: RunningStack
) -> None:
    who = north.who("coach-01")
    body = {"kind": "goal", "teacher_id": "teacher-0001"}
    for text in ("More", "More students explain"):
        typed = [{"name": "statement", "text": text}]
        answer = await stack.ask(who, "PUT", DRAFT, {**body, "texts": typed})
    saved, etag = answer.json(), answer.headers["etag"]
    await stack.kill("goals")
    stack.start("goals")
    await stack.ready("goals")
    assert (await stack.ask(who, "GET", DRAFT)).json() == saved
    await over_grpc(stack, who, etag)
    assert (await stack.ask(who, "GET", DRAFT)).json()["texts"] == []
    assert (await stack.ask(who, "DELETE", DRAFT)).json()["texts"] == []


async def over_grpc(stack: RunningStack, who: str, etag: str) -> None:
    """The other device: it saves what it saw, and is refused the second time."""
    port = stack.stack.ports["goals"].grpc
    metadata = (("authorization", f"Bearer {stack.token(who)}"),)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        drafts = draft_pb2_grpc.DraftsServiceStub(channel)
        draft_id = DRAFT.rpartition("/")[2]
        asked = draft_pb2.GetDraftRequest(draft_id=draft_id)
        found = await drafts.GetDraft(asked, metadata=metadata)
        assert (found.etag, found.texts[0].text) == (etag, "More students explain")
        save = draft_pb2.SaveDraftRequest(draft_id=draft_id, kind="goal", etag=etag)
        await drafts.SaveDraft(save, metadata=metadata)
        save.texts.add(name="statement", text="Late")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await drafts.SaveDraft(save, metadata=metadata)
        assert refused.value.code() is grpc.StatusCode.ABORTED
