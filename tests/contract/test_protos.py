"""What callers read in `proto/`: every field of every message says what it means."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

ROOT = Path(__file__).parents[2] / "proto"
FILES = sorted(str(each.relative_to(ROOT)) for each in ROOT.rglob("*.proto"))
_MESSAGES, _FIELDS, _NESTED = (
    FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER,
    DescriptorProto.FIELD_FIELD_NUMBER,
    DescriptorProto.NESTED_TYPE_FIELD_NUMBER,
)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> FileDescriptorSet:
    out = tmp_path_factory.mktemp("protos") / "set"
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", "--include_source_info"]
    subprocess.run([*protoc, f"--descriptor_set_out={out}", *FILES], check=True)
    return FileDescriptorSet.FromString(out.read_bytes())


def fields(
    messages: list[DescriptorProto], place: tuple[int, ...]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    for number, message in enumerate(messages):
        here = (*place, number)
        if message.options.map_entry:  # made by protoc
            continue
        for index, field in enumerate(message.field):
            yield f"{message.name}.{field.name}", (*here, _FIELDS, index)
        yield from fields(list(message.nested_type), (*here, _NESTED))


def test_every_field_has_a_comment(described: FileDescriptorSet) -> None:
    seen, bare = 0, []
    for file in described.file:
        said = {
            tuple(each.path)
            for each in file.source_code_info.location
            if (each.leading_comments + each.trailing_comments).strip()
        }
        for name, place in fields(list(file.message_type), (_MESSAGES,)):
            seen += 1
            bare += [f"{file.name}: {name}"] if place not in said else []
    assert seen > 1_000
    assert not bare
