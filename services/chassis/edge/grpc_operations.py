"""RPCs from a table of operations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pydantic import ValidationError

from services.chassis.call import precondition
from services.chassis.edge.device_times import HEADER, told
from services.chassis.edge.grpc_answer import teller
from services.chassis.edge.grpc_call import call_of, operation_of
from services.chassis.edge.grpc_parse import ALWAYS_SKIPPED, plan_of, read, violations
from services.chassis.edge.grpc_server import RpcService
from services.chassis.edge.operation import Operation, Table
from services.chassis.fields import Resource

Method = Callable[[Any, Any], Awaitable[Message]]
_LARGEST = 10_000  # of a page size, which is cut here and refused by REST


def rpc_service(table: Table[Any, Any], ports: Any, by_hand: object = None) -> RpcService:
    """The service of `table`; `by_hand` has the methods that are written out, by their RPCs'
    names. Raises ValueError with a line for each RPC that no operation is for, each operation
    without one, and each whose fields are not those of its messages."""
    operations = {each.name: each for each in table.operations}
    wrong: list[str] = []
    methods: dict[str, Any] = {}
    for rpc in table.rpc.methods:
        operation = operations.pop(operation_of(rpc.name), None)
        if operation is None:
            written = getattr(by_hand, rpc.name, None)
            if written is None or operation_of(rpc.name) not in table.by_hand:
                wrong.append(f"{rpc.name}: no operation")
            methods[rpc.name] = written
            continue
        try:
            methods[rpc.name] = staticmethod(_method(operation, rpc, ports))
        except TypeError as error:
            wrong.append(f"{rpc.name}: {error}")
    wrong.extend(f"{name}: no RPC" for name in operations)
    if wrong:
        raise ValueError("\n".join([table.rpc.full_name, *wrong]))
    return RpcService(table.add, type(table.rpc.name, (), methods)(), table.rpc)


def item_of(
    descriptor: Descriptor, name: str, resource: type[Resource]
) -> Callable[[Resource], bytes]:
    """Writes an item of the list `name` of an answer, to be kept: as an answer with this item and
    nothing else, of which any number behind each other are one answer. Raises TypeError as
    `grpc_answer.teller`."""
    listed = descriptor.fields_by_name[name].message_type
    assert listed is not None
    tell, made = teller(resource, listed), GetMessageClass(descriptor)
    return lambda each: made(**{name: [tell(each)]}).SerializeToString()


def _method(operation: Operation[Any, Any], rpc: MethodDescriptor, ports: Any) -> Method:
    read_parts = _reader(operation, rpc.input_type)
    model, meant = operation.asked.model, operation.asked.meant
    tell = teller(operation.answer, rpc.output_type)
    run, versioned = operation.run, operation.versioned

    async def answer(request: Message, context: Any) -> Message:
        call = call_of(context)
        try:
            asked = model.model_validate(meant(read_parts(request), call))
        except ValidationError as error:
            raise violations(error, drop=1) from None
        if versioned:
            precondition(call)
        found = await run(ports, call, asked)
        if found.device_times:
            context.set_trailing_metadata(((HEADER.lower(), told(found.device_times)),))
        message = tell(found.resource)
        for items in found.written.values():
            message.MergeFromString(b"".join(items))
        return message

    return answer


def _reader(
    operation: Operation[Any, Any], descriptor: Descriptor
) -> Callable[[Message], dict[str, Any]]:
    """Reads a message into the parts of a request. Raises TypeError where its fields are not
    the operation's."""
    fields = {each.name for each in descriptor.fields}
    parts = []
    known = set(ALWAYS_SKIPPED)
    for name, part in operation.asked.parts.items():
        own = set(part.model_fields)
        known |= own
        parts.append((name, plan_of(part, descriptor, frozenset(fields - own))))
        missing = own - fields
        if missing:
            raise TypeError(f"{descriptor.full_name} lacks {', '.join(sorted(missing))}")
    if fields - known:
        more = ", ".join(sorted(fields - known))
        raise TypeError(f"{operation.name} takes no {more} of {descriptor.full_name}")

    def read_parts(message: Message) -> dict[str, Any]:
        asked = {name: read(plan, message) for name, plan in parts}
        page_size = asked.get("query", {}).get("page_size", 0)
        if page_size > _LARGEST:
            asked["query"]["page_size"] = _LARGEST
        return asked

    return read_parts
