"""The floor: what Starlette and motor do with the same engines, without authentication,
validation, event, metrics or trace."""

from __future__ import annotations

import os
import uuid
from typing import Any

import orjson
import uvicorn
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

client: Any = AsyncIOMotorClient(os.environ["MONGODB_URI"], w="majority", journal=True)
goals = client["bench_floor"]["goals"]
cards = client["bench_floor"]["cards"]


async def create(request: Request) -> JSONResponse:
    document = await request.json()
    document["_id"] = str(uuid.uuid4())
    await goals.insert_one(document)
    return JSONResponse(document, status_code=201)


async def progress(request: Request) -> JSONResponse:
    said = await request.json()
    found = await goals.find_one({"_id": request.path_params["id"]})
    after = await goals.find_one_and_update(
        {"_id": found["_id"], "version": found["version"]},
        {"$push": {"progress": said}, "$inc": {"version": 1}},
        return_document=True,
    )
    return JSONResponse(after)


async def card(request: Request) -> Response:
    found = await cards.find_one({"_id": request.path_params["id"]})
    return Response(orjson.dumps(found), media_type="application/json")


app = Starlette(
    routes=[
        Route("/goals", create, methods=["POST"]),
        Route("/goals/{id}/progress", progress, methods=["POST"]),
        Route("/cards/{id}", card),
    ]
)
if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["REST_PORT"]), loop="uvloop", http="httptools",
        access_log=False, log_level="warning",
    )  # fmt: skip
