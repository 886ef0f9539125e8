"""`python -m services.ctl.generate OUT`: the Python messages and stubs of proto/, into a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def generate(out: Path) -> None:
    """Messages and their types for every file; gRPC stubs only where there is a service."""
    out.mkdir(parents=True, exist_ok=True)
    protos = sorted(Path("proto").rglob("*.proto"))
    services = [proto for proto in protos if "\nservice " in proto.read_text()]
    compiler = [sys.executable, "-m", "grpc_tools.protoc", "-Iproto"]
    for flags, files in (
        ([f"--python_out={out}", f"--mypy_out=quiet:{out}"], protos),
        ([f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}"], services),
    ):
        subprocess.run([*compiler, *flags, *map(str, files)], check=True)  # noqa: S603 - no shell
    (out / "coaching/py.typed").touch()  # so that type checkers believe them once installed


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
