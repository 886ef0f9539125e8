"""HTTP/2 as no library speaks it: its frames, one by one."""

from __future__ import annotations

from collections.abc import Mapping

DATA, HEADERS, RESET, PING = 0, 1, 3, 6
END_STREAM, ACK, END_HEADERS = 1, 1, 4
CANCEL = 8
BEGIN = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"  # and no settings


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags])
    return head + stream.to_bytes(4, "big") + payload


def asked(stream: int, path: str, metadata: Mapping[str, str]) -> bytes:
    """That an RPC begins."""
    fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "here"}
    fields |= {"content-type": "application/grpc", "te": "trailers", **metadata}
    block = b"".join(b"\0" + _text(name) + _text(value) for name, value in fields.items())
    return frame(HEADERS, END_HEADERS, stream, block)


def sent(stream: int, message: bytes) -> bytes:
    """Its one message, and the end of what is asked."""
    body = b"\0" + len(message).to_bytes(4, "big") + message
    return frame(DATA, END_STREAM, stream, body)


def reset(stream: int) -> bytes:
    return frame(RESET, 0, stream, CANCEL.to_bytes(4, "big"))


def ping() -> bytes:
    """What is answered after all before it."""
    return frame(PING, 0, 0, b"all done")


def _text(value: str) -> bytes:
    """As HPACK has a text that it neither packs nor remembers."""
    said, rest = value.encode(), len(value) - 127
    if rest < 0:
        return bytes([len(said)]) + said
    length = bytearray([127])
    while rest >= 128:
        length.append(rest % 128 + 128)
        rest //= 128
    length.append(rest)
    return bytes(length) + said
