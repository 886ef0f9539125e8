"""In the build of the image: the root folder of what runs, picked from the base.

Python, the libraries that it and the wheels load, certificates, and of each Debian package that a
file comes from what says so: its license, and its entry for those who look for known
vulnerabilities. No shell and no package manager, whatever the base has.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.docker.install import LIB, settle

ROOT = Path("/root-of-image")
ENV = Path("/usr/bin/env")  # what the image begins with
PYTHON = Path(os.path.realpath(sys.executable))
LOADER = next(Path("/").glob("lib*/ld-linux-*.so.*"))  # as programs name it
STDLIB = Path(os.path.realpath(os.__file__)).parent
# Nothing of ours needs these; some bring libraries whose licenses are not for everybody.
NOT_OURS = shutil.ignore_patterns(
    *"__pycache__ config-3* dist-packages distutils ensurepip idlelib lib2to3".split(),
    *"site-packages sitecustomize.py test tkinter turtledemo venv".split(),
    *"_crypt.* _ctypes_test.* _curses* _dbm.* _gdbm.* _sqlite3.* _test* _tkinter.*".split(),
    *"_xxtestfuzz.* nis.* ossaudiodev.* readline.* xxlimited*".split(),
)
AS_THEY_ARE = (
    "/etc/ld.so.conf",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/openssl.cnf",
    "/usr/lib/os-release",
)
MADE_FILES_OF = {"ca-certificates"}  # whose files are put together when it is installed
WRITTEN = {
    "etc/passwd": "root:x:0:0::/:/\ntandem:x:65532:65532::/:/\n",
    "etc/group": "root:x:0:\ntandem:x:65532:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
FOUND = re.compile(r"(?:=> |^\s+)(/\S+)")


def real(path: Path | str) -> Path:
    return Path(os.path.realpath(path))


def within(path: Path | str) -> Path:
    """Where a file of the base stands in the new root."""
    return ROOT / Path(path).relative_to("/")


def copy(path: Path) -> None:
    target = within(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def loaded_by(program: Path) -> Iterator[Path]:
    """The loader and the libraries that it finds for a program or library."""
    listed = subprocess.run([LOADER, "--list", program], capture_output=True, text=True)
    if "not found" in listed.stdout:
        sys.exit(f"root.py: the base lacks what {program} needs:\n{listed.stdout}")
    yield from (real(found[1]) for found in map(FOUND.search, listed.stdout.splitlines()) if found)
    yield real(LOADER)


def libraries() -> set[Path]:
    """All that is loaded from the base; libgcc_s by libc itself, when a thread is cancelled."""
    modules = [path for folder in (within(STDLIB), LIB) for path in folder.rglob("*.so*")]
    found = {each for program in (PYTHON, ENV, *modules) for each in loaded_by(program)}
    found |= set(map(real, Path("/").glob("lib/*/libgcc_s.so.1")))
    return {path for path in found if not path.is_relative_to(LIB)}


def copy_library(library: Path) -> None:
    """With the links beside it, under one of which it is looked for."""
    copy(library)
    for link in library.parent.glob(f"{library.name.partition('.so')[0]}*.so.*"):
        if link.is_symlink() and real(link) == library:
            within(link).symlink_to(os.readlink(link))


def say_where_from() -> None:
    """The entries and licenses of the Debian packages of what has been copied."""
    copied = {f"/{path.relative_to(ROOT)}" for path in ROOT.rglob("*") if path.is_file()}
    status = Path("/var/lib/dpkg/status").read_text().split("\n\n")
    entries = {entry.split("\n", 1)[0]: entry for entry in status}
    for listing in sorted(Path("/var/lib/dpkg/info").glob("*.list")):
        name = listing.stem.partition(":")[0]
        # a package may name its files by a folder that is a link, such as /lib
        files = map(Path, listing.read_text().splitlines())
        if name in MADE_FILES_OF or not copied.isdisjoint(
            str(real(path.parent) / path.name) for path in files
        ):
            entry = ROOT / "var/lib/dpkg/status.d" / name
            entry.parent.mkdir(parents=True, exist_ok=True)
            entry.write_text(entries[f"Package: {name}"].rstrip() + "\n")
            terms = Path("/usr/share/doc", name, "copyright")
            within(terms).parent.mkdir(parents=True)
            shutil.copyfile(terms, within(terms))


def main() -> None:
    for path in (PYTHON, ENV, *map(Path, AS_THEY_ARE)):
        copy(path)
    shutil.copytree("/etc/ld.so.conf.d", within("/etc/ld.so.conf.d"))
    shutil.copytree(STDLIB, within(STDLIB), ignore=NOT_OURS, ignore_dangling_symlinks=True)
    settle(within(STDLIB))
    for library in sorted(libraries()):
        copy_library(library)
    link = within(real(LOADER.parent) / LOADER.name)
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(real(LOADER))
    for folder in ("/lib", "/lib64"):
        if os.path.islink(folder):
            within(folder).symlink_to(os.readlink(folder))
    say_where_from()
    for name, text in WRITTEN.items():
        (ROOT / name).write_text(text)
    for folder in ("/dev", "/proc", "/sys", "/tmp"):
        within(folder).mkdir()
    within("/tmp").chmod(0o1777)
    subprocess.run(["ldconfig", "-X", "-r", ROOT], check=True)
    shutil.rmtree(within("/var/cache"), ignore_errors=True)  # ldconfig's own notes


if __name__ == "__main__":
    main()
