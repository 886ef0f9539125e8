"""`make image`: the image of this checkout, its digest and size, and what it is made of.

It is built by podman, without a network: the wheels are fetched before, by their hashes. BASE
names what it is built on, else `base.sh` makes that. Two builds of one commit give one digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.docker.licenses import LOCK, licenses, refused

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OUT = ROOT / ".local/image"
DOCKERFILE = HERE / "Dockerfile"
BASE_SCRIPT = HERE / "base.sh"
MOST_BYTES = 65_000_000


class CannotBuild(Exception):
    """One line that says what is missing or wrong."""


@dataclass(frozen=True)
class Built:
    """An image in podman's store and as an OCI archive; `digest` is that of its manifest."""

    name: str
    archive: Path
    digest: str

    @property
    def bytes(self) -> int:
        return self.archive.stat().st_size


@dataclass(frozen=True)
class Source:
    """What an image is built of: a tree of files, and the commit that it is, by its id and its
    time in seconds since 1970."""

    tree: Path
    revision: str
    seconds: str


def podman(*arguments: str | Path, errors: bool = False) -> str:
    """What a podman with a store of its own says on stdout, and on stderr with `errors`. Raises
    CannotBuild with all that it has said when it fails."""
    needed("podman", "runc")
    known = {"CONTAINERS_CONF": str(HERE / "containers.conf"), **os.environ}
    command = ["podman", "--root", str(OUT / "store"), "--runroot", str(OUT / "run")]
    done = subprocess.run([*command, *arguments], env=known, capture_output=True, text=True)
    if done.returncode:
        raise CannotBuild(f"podman {arguments[0]} failed:\n{done.stdout}{done.stderr}".strip())
    return f"{done.stdout}{done.stderr if errors else ''}".strip()


def say(line: str) -> None:
    sys.stderr.write(f"image: {line} ...\n")


def needed(*programs: str) -> None:
    """Raises CannotBuild for the first that is missing."""
    for each in programs:
        if shutil.which(each) is None:
            raise CannotBuild(
                f"{each} is missing; on Debian: apt install podman runc mmdebstrap (without the "
                "last, name a base: BASE=...)"
            )


def wheelhouse(lock: Path = LOCK) -> Path:
    """The locked wheels, fetched by pip unless they are there."""
    folder = OUT / "wheels" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not folder.is_dir():
        new = folder.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        options = "-q --disable-pip-version-check --require-hashes --only-binary :all: --no-deps"
        places = ["-d", str(new), "-r", str(lock)]
        fetch = [sys.executable, "-m", "pip", "download", *options.split(), *places]
        say("fetching the wheels")
        if subprocess.run(fetch).returncode:
            raise CannotBuild("the wheels of requirements/services.lock cannot be fetched")
        new.rename(folder)
    return folder


def base(anew: bool) -> str:
    """The name of the base: BASE, else the one that was made here before, unless `anew`."""
    if given := os.environ.get("BASE"):
        return given
    name = f"localhost/tandem-base:{hashlib.sha256(BASE_SCRIPT.read_bytes()).hexdigest()[:16]}"
    if anew or name not in podman("images", "--format", "{{.Repository}}:{{.Tag}}").split():
        needed("mmdebstrap")
        say("making a base of Debian's packages")
        packed = OUT / "base.tar"
        packed.unlink(missing_ok=True)
        if subprocess.run(["bash", BASE_SCRIPT, packed], stdin=subprocess.DEVNULL).returncode:
            raise CannotBuild("no base could be made of Debian's packages")
        podman("import", packed, name)
        packed.unlink()
    return name


def of_commit(name: str, *git: str) -> str:
    """What the environment says, else git."""
    if given := os.environ.get(name):
        return given
    done = subprocess.run(["git", *git], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise CannotBuild(f"this is no checkout: give {name}")
    return done.stdout.strip()


def version() -> str:
    project: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def checkout() -> Source:
    """What is here. Raises CannotBuild."""
    revision = of_commit(
        "REVISION", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"
    )
    return Source(ROOT, revision, of_commit("SOURCE_DATE_EPOCH", "log", "-1", "--format=%ct"))


def build(name: str = "tandem", *, anew: bool = False, source: Source | None = None) -> Built:
    """`anew`: on a base that is made again; `source`: the checkout by default. Raises
    CannotBuild."""
    OUT.mkdir(parents=True, exist_ok=True)
    tag = f"localhost/{name}:{version()}"
    of = source or checkout()
    given = {"BASE": base(anew), "VERSION": version(), "REVISION": of.revision}
    say(f"building {tag}")
    podman(
        "build",
        *f"--format oci --no-cache --layers --network none --timestamp {of.seconds}".split(),
        *(f"--build-arg={key}={value}" for key, value in given.items()),
        f"--build-context=wheelhouse={wheelhouse(of.tree / LOCK.relative_to(ROOT))}",
        f"--ignorefile={DOCKERFILE}.dockerignore",
        f"--file={DOCKERFILE}",
        f"--tag={tag}",
        of.tree,
    )
    # what the build went through, and one that was broken off
    podman("image", "prune", "--force", "--external")
    archive = OUT / f"{name}.tar"
    archive.unlink(missing_ok=True)
    podman("save", "--quiet", "--format", "oci-archive", "--output", archive, tag)
    with tarfile.open(archive) as packed:
        index = packed.extractfile("index.json")
        assert index is not None
        digest = json.load(index)["manifests"][0]["digest"]
    built = Built(tag, archive, digest)
    if built.bytes > MOST_BYTES:
        raise CannotBuild(f"{archive} has {built.bytes:,} bytes, more than {MOST_BYTES:,}")
    return built


def bill_of(built: Built) -> Path:
    """The bill of materials, as CycloneDX in JSON. Raises CannotBuild."""
    bill = built.archive.with_suffix(".cdx.json")
    syft = Path(sys.executable).with_name("syft")
    scan = [
        str(syft),
        "scan",
        f"oci-archive:{built.archive}",
        "--quiet",
        "-o",
        f"cyclonedx-json={bill}",
    ]
    if subprocess.run(scan, env={**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}).returncode:
        raise CannotBuild("syft cannot list what is in the image")
    return bill


def license_report(bill: Path) -> list[tuple[str, str, str]]:
    """Name, version and license of each part. Debian says the terms of a package in a file of the
    image, which often names several for its parts. Raises CannotBuild for a dependency that says
    what is not allowed."""
    ours = licenses()
    if bad := sorted(f"{name} ({said})" for name, said in ours.items() if refused(said)):
        raise CannotBuild(f"not allowed in an image: {', '.join(bad)}")
    rows = []
    for part in components(bill):
        kind = part.get("purl", "").partition("/")[0]
        if kind == "pkg:pypi":
            said = ours[part["name"].lower().replace("_", "-").replace(".", "-")]
        elif kind == "pkg:deb":
            said = f"/usr/share/doc/{part['name']}/copyright"
        else:
            said = "PSF-2.0" if part["name"] == "python" else ""
        rows.append((part["name"], part.get("version", ""), said))
    return rows


def components(bill: Path) -> Sequence[Mapping[str, Any]]:
    found = json.loads(bill.read_text())["components"]
    return [part for part in found if part["type"] in ("library", "application")]


def main() -> None:
    try:
        built = build()
        bill = bill_of(built)
        rows = license_report(bill)
    except CannotBuild as error:
        sys.exit(f"image: {error}")
    report = built.archive.with_suffix(".licenses.txt")
    report.write_text("".join("\t".join(row) + "\n" for row in rows))
    place = built.archive.relative_to(ROOT)
    sys.stdout.write(
        f"image     {built.name}\n"
        f"digest    {built.digest}\n"
        f"archive   {place}, {built.bytes / 1e6:.1f} MB\n"
        f"bill      {bill.relative_to(ROOT)}, {len(rows)} parts\n"
        f"licenses  {report.relative_to(ROOT)}\n"
    )


if __name__ == "__main__":
    main()
