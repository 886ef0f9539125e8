"""An image of one static program, as an OCI archive, made without anything that builds images."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_IMAGE = "application/vnd.oci.image"


def image_of(archive: Path, program: Path, arguments: Sequence[str]) -> Path:
    """The archive, whose image runs `program` with `arguments` as nobody in particular."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as files:
        content = program.read_bytes()
        entry = tarfile.TarInfo("program")
        entry.mode, entry.size = 0o755, len(content)
        files.addfile(entry, io.BytesIO(content))
    blobs: dict[str, bytes] = {}

    def kept(content: bytes, kind: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    def told(content: Any) -> bytes:
        return json.dumps(content).encode()

    of_layer = kept(layer.getvalue(), f"{_IMAGE}.layer.v1.tar")
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/program", *arguments], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [of_layer["digest"]]},
    }
    of_config = kept(told(config), f"{_IMAGE}.config.v1+json")
    manifest = {"schemaVersion": 2, "mediaType": f"{_IMAGE}.manifest.v1+json"}
    whole = {**manifest, "config": of_config, "layers": [of_layer]}
    of_manifest = kept(told(whole), f"{_IMAGE}.manifest.v1+json")
    named = {"annotations": {"org.opencontainers.image.ref.name": "1"}}
    index = told({"schemaVersion": 2, "manifests": [{**of_manifest, **named}]})
    with tarfile.open(archive, "w") as packed:
        parts = {f"blobs/sha256/{digest}": content for digest, content in blobs.items()}
        parts |= {"index.json": index, "oci-layout": told({"imageLayoutVersion": "1.0.0"})}
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return archive
