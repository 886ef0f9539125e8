"""`python -m tests.support.kube.prepare api`: fetches and builds what an API server needs, once per
user and version. Exit code 1 and a line on stderr say what is missing.
"""

from __future__ import annotations

import sys

from services.ctl.engines.errors import EngineError
from tests.support.fetching import Missing
from tests.support.helm import tools
from tests.support.kube.control import etcd
from tests.support.kube.definitions import definitions
from tests.support.kube.programs import program


def for_api() -> None:
    """Raises Missing and EngineError."""
    tools()
    etcd()
    list(definitions())
    program("kube-apiserver")


if __name__ == "__main__":
    try:
        {"api": for_api}[sys.argv[1]]()
    except (Missing, EngineError) as error:
        sys.exit(f"not done, since {error}")
