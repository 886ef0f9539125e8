"""`python -m services.ctl.asyncapi [--check]`: writes docs/asyncapi.json, what is published as an
AsyncAPI 3 document: a channel for each topic of the registry, a message for each event of proto/.

With `--check` nothing is written; exit code 1 says that the document is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from typing import Any

from services.assembly.registry import SERVICES, TOPICS
from services.chassis.log.envelope import SCHEMA
from services.chassis.log.topics import PARTITIONS, RETENTION
from services.ctl.docs_events import HEADERS, ROOT, event_files, events_of
from services.ctl.protos import Proto, ProtoMessage, read_proto

DOCUMENT = ROOT / "docs/asyncapi.json"
FORMAT = "application/vnd.google.protobuf;version=3"
_PART = re.compile(r"\n(?:// .*\n)*(?:message|enum) (?P<name>\w+) \{(?:\}|[^}]*\n\})")
_OURS = re.compile(r'\nimport "(coaching/.*)";')
OPTIONAL = {"ce_year", "ce_correlationid", "ce_causationid", "ce_devicetime", "traceparent"}
DESCRIPTION = """\
Each service publishes what has happened to its aggregates, with the whole published state of the
aggregate and its version: keep the newest version, ignore the rest. CloudEvents 1.0, Kafka binary
mode; the value is the protobuf message that `ce_type` names. The events in words, and consumers to
begin with: docs/events.md.
"""

Json = dict[str, Any]


def document() -> Json:
    """The whole of it."""
    channels: Json = {}
    operations: Json = {}
    messages: Json = {}
    for topic, meaning in TOPICS.items():
        service = topic.split(".")[1]
        found: Json = {}
        for path in event_files(service):
            proto, parts = read_proto(path), ProtoParts(path.read_text())
            for event in events_of(proto):
                # what several services tell by one name has theirs before it but for the first
                name = event.name if event.name not in messages else f"{service}.{event.name}"
                messages[name] = _message(service, proto, event, parts)
                found[event.name] = {"$ref": f"#/components/messages/{name}"}
        channels[service] = _channel(topic, meaning, found)
        operations[f"publish_{service}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{service}"},
            "summary": f"What the {service} service publishes."
            if service in SERVICES
            else f"What all services publish about {service}.",
        }
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Tandem's events",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/protobuf",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The district's cluster; TLS and passwords as it has them.",
                "variables": {
                    "bootstrap": {
                        "default": "127.0.0.1:9092",
                        "description": "The local stack's, unless `tandem where` says another.",
                    }
                },
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "messageTraits": {"event": _trait()}},
    }


def _channel(topic: str, meaning: str, messages: Json) -> Json:
    return {
        "address": topic,
        "description": f"{meaning[0].upper()}{meaning[1:]}.",
        "messages": messages,
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "partitions": PARTITIONS,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": RETENTION // timedelta(milliseconds=1),
                },
            }
        },
    }


def _trait() -> Json:
    """What all messages have."""
    headers = {name: {"type": "string", "description": told} for name, told in HEADERS.items()}
    return {
        "contentType": "application/protobuf",
        "headers": {
            "type": "object",
            "required": [each for each in HEADERS if each not in OPTIONAL],
            "properties": headers,
        },
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "key": {"type": "string", "description": "district:teacher, or district:aggregate"},
            }
        },
    }


def _message(service: str, proto: Proto, event: ProtoMessage, parts: ProtoParts) -> Json:
    full = f"{proto.package}.{event.name}"
    fixed = {
        "ce_type": full,
        "ce_dataschema": f"{SCHEMA}{full}",
        # of looks that of whichever service was asked
        **({"ce_source": SERVICES[service].source} if service in SERVICES else {}),
    }
    return {
        "name": full,
        "title": event.name,
        **({"summary": event.comment} if event.comment else {}),
        "traits": [{"$ref": "#/components/messageTraits/event"}],
        "headers": {"properties": {name: {"const": value} for name, value in fixed.items()}},
        "payload": {"schemaFormat": FORMAT, "schema": parts.of(event.name)},
    }


class ProtoParts:
    """The top-level messages and enums of a proto file and of those of its package that it imports,
    each with the comment above it: whoever reads a schema loads no other file."""

    def __init__(self, text: str) -> None:
        head, *_ = _PART.split(text, maxsplit=1)
        self._parts: dict[str, str] = {}
        for imported in _OURS.findall(head):
            self._parts |= ProtoParts((ROOT / "proto" / imported).read_text())._parts
        self._head = _OURS.sub("", head)
        self._parts |= {found["name"]: found[0] for found in _PART.finditer(text)}

    def of(self, name: str) -> str:
        """A file with this one and what it is made of, and nothing else."""
        wanted = [name]
        for each in wanted:
            stated = re.sub(r"//.*", "", self._parts[each])  # what a comment names is no part of it
            words = re.findall(r"\w+", stated)
            wanted += [word for word in words if word in self._parts and word not in wanted]
        parts = [text for each, text in self._parts.items() if each in wanted]
        head = self._head.rstrip()
        if "Timestamp" not in "".join(parts):
            head = re.sub(r'\n+import ".*";', "", head)
        return "\n\n".join((head, *(each.strip() for each in parts))) + "\n"


def main(arguments: list[str]) -> int:
    new = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
    old = DOCUMENT.read_text() if DOCUMENT.exists() else ""
    if "--check" in arguments:
        if old != new:
            sys.stderr.write("docs/asyncapi.json is out of date: python -m services.ctl.asyncapi\n")
        return int(old != new)
    DOCUMENT.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
