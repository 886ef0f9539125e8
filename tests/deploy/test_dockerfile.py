"""What the Dockerfile promises to those who look before they run an image."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.deploy.dockerfile import PATH, ROOT, entrypoint, instructions, of

HADOLINT = Path(sys.executable).with_name("hadolint")


def test_hadolint_has_no_remark() -> None:
    done = subprocess.run(
        [HADOLINT, "--failure-threshold", "style", PATH], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_hadolint_would_say_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN apt-get install curl\n")
    done = subprocess.run([HADOLINT, bad], capture_output=True, text=True)
    assert done.returncode != 0
    assert "DL3006" in done.stdout


def test_what_runs_begins_from_nothing_and_bases_are_arguments() -> None:
    *others, last = of("FROM")
    assert last == "scratch"
    assert {each.partition(" AS ")[0] for each in others} <= {"${BASE}", "wheels"}
    assert "BASE" in of("ARG")  # without a default: whoever builds says what is trusted


def test_it_runs_as_a_numeric_user_who_is_not_root() -> None:
    assert of("USER") == ["65532:65532"]


def test_probes_are_the_clusters() -> None:
    assert not of("HEALTHCHECK")


def test_no_instruction_needs_a_shell_or_the_network() -> None:
    for word, rest in instructions():
        assert word not in ("ADD", "SHELL", "VOLUME")
        if word in ("RUN", "ENTRYPOINT", "CMD"):
            argv = json.loads(rest[rest.index("[") :])
            assert argv[0] in ("python3.11", "/usr/bin/env")


def test_it_says_what_it_is() -> None:
    (labels,) = of("LABEL")
    for key in ("title", "description", "version", "revision", "licenses"):
        assert f"org.opencontainers.image.{key}=" in labels


def test_the_build_sees_what_it_copies_and_nothing_else() -> None:
    copied = {
        source
        for each in of("COPY")
        if not each.startswith("--from=")
        for source in each.split()[:-1]
    }
    ignored, *lines = Path(f"{PATH}.dockerignore").read_text().split("\n", 1)[1].split()
    assert ignored == "*"
    seen = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert {line for line in lines if not line.startswith("!")} == {"**/__pycache__"}
    assert all((ROOT / source).exists() for source in copied)
    assert copied == {
        str(path.relative_to(ROOT))
        for pattern in seen
        for path in ROOT.glob(pattern)
        if path.name not in ("image.py", "licenses.py")  # these run beside the build
    }


def test_signals_wait_until_there_is_a_handler() -> None:
    assert entrypoint()[:2] == ["/usr/bin/env", "--block-signal=TERM,INT"]
