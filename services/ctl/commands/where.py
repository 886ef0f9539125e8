"""`tandem where`: the addresses of the local stack."""

from __future__ import annotations

from services.assembly.registry import SERVICES
from services.ctl import console
from services.ctl.local.stack import Stack
from services.ctl.target import Json, local


def where(as_json: Json = False) -> None:
    """Where everything is: the one address, each service's own ports, and the engines."""
    stack = local().stack
    if as_json:
        console.as_json(_addresses(stack))
        return
    for line in _lines(stack):
        console.data(line)


def _addresses(stack: Stack) -> dict[str, object]:
    services = {
        each: {"rest": stack.rest(each), "grpc": stack.grpc(each), "internal": stack.internal(each)}
        for each in SERVICES
    }
    kept = {"kafka": stack.kafka, "mongodb": stack.mongodb}
    return {"address": stack.address, "services": services, **kept}


def _lines(stack: Stack) -> list[str]:
    head = f"  {'service':<14}{'REST':<40}{'health, metrics':<25}gRPC"
    rows = [
        f"  {each:<14}{f'{stack.rest(each)}/{each}/v1':<40}{stack.internal(each):<25}"
        f"{stack.grpc(each)}"
        for each in SERVICES
    ]
    engines = f"  Kafka {stack.kafka}    MongoDB {stack.mongodb}"
    return [f"  {stack.address}", "", head, *rows, "", engines]
