"""The broker's jars: fetched once per user, and never run unless their SHA-256 is in the lock.

`python -m services.ctl.engines.jars` resolves ROOTS anew and rewrites the lock.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.ctl.engines.errors import EngineError

ROOTS = ("org.apache.kafka:kafka_2.13:4.3.1", "org.slf4j:slf4j-simple:1.7.36")
LOCK = Path(__file__).with_name("kafka.lock")
FETCHES_AT_ONCE = 8
FETCH_SECONDS = 60


def cache_folder(env: Mapping[str, str] = os.environ) -> Path:
    """Where jars are kept for all of this user's runs."""
    base = env.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tandem" / "jars"


def read_lock(lock: Path = LOCK) -> dict[str, str]:
    """group:artifact:version -> SHA-256 in hex."""
    lines = (line.split() for line in lock.read_text().splitlines() if not line.startswith("#"))
    return {coordinate: digest for digest, coordinate in lines}


def file_name(coordinate: str) -> str:
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"


def ensure_jars(cache: Path, lock: Path = LOCK) -> list[Path]:
    """Every jar of the lock, checked, as files of `cache`; what is missing is fetched. Blocks.

    A cached file that does not match is fetched again; a fetched one that does not match is an
    EngineError. A jar appears in the cache whole and checked, or not at all; a second process
    waits for the first.
    """
    wanted = read_lock(lock)
    files = {coordinate: cache / file_name(coordinate) for coordinate in wanted}
    if any(_digest(files[c]) != digest for c, digest in wanted.items()):
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            for left in cache.glob("partial-*"):  # by a download that was killed
                shutil.rmtree(left)
            missing = {c: digest for c, digest in wanted.items() if _digest(files[c]) != digest}
            with tempfile.TemporaryDirectory(prefix="partial-", dir=cache) as partial:
                for coordinate, fetched in _fetch(list(missing), Path(partial)).items():
                    if _digest(fetched) != missing[coordinate]:
                        raise EngineError(
                            f"the jar fetched for {coordinate} does not have the SHA-256 "
                            f"of {lock.name}"
                        )
                    os.replace(fetched, files[coordinate])
    return list(files.values())


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _fetch(coordinates: list[str], into: Path) -> dict[str, Path]:
    """Download from the repositories of the user's jgo settings, or else jgo's default one."""
    try:
        from jgo.config import GlobalSettings
        from jgo.maven import MavenContext
    except ImportError:
        raise EngineError(
            "Kafka's jars cannot be fetched: install the extra 'engines', "
            "or set KAFKA_BOOTSTRAP_SERVERS"
        ) from None
    repositories = GlobalSettings.load().repositories or None
    maven = MavenContext(repo_cache=into, remote_repos=repositories, timeout=FETCH_SECONDS)

    def fetch(coordinate: str) -> Path:
        group, artifact, version = coordinate.split(":")
        component = maven.project(group, artifact).at_version(version)
        return Path(component.artifact().resolve())

    with ThreadPoolExecutor(FETCHES_AT_ONCE) as pool:
        try:
            return dict(zip(coordinates, pool.map(fetch, coordinates), strict=True))
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
            pool.shutdown(cancel_futures=True)
            raise EngineError(
                f"Kafka's jars cannot be fetched ({type(error).__name__}): check the network, "
                "or set KAFKA_BOOTSTRAP_SERVERS"
            ) from error


def relock(lock: Path = LOCK, roots: Sequence[str] = ROOTS) -> None:
    """Resolve `roots` with all they need, and write what was fetched as the new lock. Blocks."""
    import jgo

    found = {
        f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        for artifact in jgo.resolve("+".join(roots))
    }
    with tempfile.TemporaryDirectory() as folder:
        fetched = _fetch(sorted(found), Path(folder))
        lines = [f"{_digest(file)}  {coordinate}\n" for coordinate, file in fetched.items()]
    lock.write_text("# Made by services/ctl/engines/jars.py: do not edit.\n" + "".join(lines))


if __name__ == "__main__":
    relock()
