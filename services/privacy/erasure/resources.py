"""Answers about orders to erase, over REST and gRPC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.privacy.erasure.domain import SERVICES, Erasure, ErasureState
from services.privacy.erasure.outline import ErasureAct, ServiceDone


class ErasureStepResource(Resource):
    step: ErasureAct = Field(description="What was done with it")
    by: str = Field(description="Who did it")
    by_name: str | None = name_of("by")
    at: datetime = Field(description="When")
    reason: Written


class CarriedOutResource(Resource):
    service: str = Field(description="The service that has carried it out")
    erased: int = Field(description="How many things it has erased")
    at: datetime = Field(description="When")


class ErasureProofResource(Resource):
    ordered_at: datetime = Field(description="What was begun before was erased")
    done_at: datetime = Field(description="When all services had done it")
    carried_out: list[CarriedOutResource] = Field(description="Which services have done it")
    proof: str = Field(description="SHA-256 of the order, its times and its numbers")


class ErasureResource(Acted):
    """`steps` are oldest first."""

    erasure_id: str
    person_id: str
    person_name: str | None = name_of("person_id")
    state: ErasureState
    ordered_at: datetime | None = Field(
        description="What was begun before is erased; null where nothing is ordered"
    )
    carried_out: list[CarriedOutResource] = Field(description="Which services have done it")
    awaited: list[str] = Field(description="Which services have not")
    done_at: datetime | None = Field(description="When all had; null before")
    proof: str = Field(
        description="SHA-256 of the order, its times and its numbers; empty before it is done"
    )
    proofs: list[ErasureProofResource] = Field(
        description="Of every order that was carried out, oldest first"
    )
    steps: list[ErasureStepResource]
    version: int


class ErasurePage(PageResource):
    erasures: list[ErasureResource]


def _carried_out(carried: Sequence[ServiceDone]) -> list[CarriedOutResource]:
    return [
        CarriedOutResource(service=each.service, erased=each.erased, at=each.at)
        for each in sorted(carried, key=lambda each: each.service)
    ]


def erasure_resource(erasure: Erasure) -> ErasureResource:
    """What was ordered about a person, and what was held."""
    known = {each.service for each in erasure.carried}
    waits = erasure.state is ErasureState.UNDER_WAY
    return ErasureResource(
        erasure_id=erasure.id,
        person_id=erasure.person,
        state=erasure.state,
        ordered_at=erasure.ordered_at,
        carried_out=_carried_out(erasure.carried),
        awaited=[each for each in SERVICES if waits and each not in known],
        done_at=erasure.done_at,
        proof=erasure.proof,
        proofs=[
            ErasureProofResource(
                ordered_at=each.ordered_at,
                done_at=each.done_at,
                carried_out=_carried_out(each.carried),
                proof=each.sha256,
            )
            for each in erasure.proofs
        ],
        steps=[
            ErasureStepResource(step=each.step, by=each.by, at=each.at, reason=each.reason)
            for each in erasure.steps
        ],
        version=erasure.version,
    )
