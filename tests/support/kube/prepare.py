"""`python -m tests.support.kube.prepare api|cluster`: fetches and builds what an API server or a
whole cluster needs, once per user and version, and for a cluster the image, twice, which gives one
digest, and that of the build before. Exit code 1 and a line on stderr say what is missing.
"""

from __future__ import annotations

import os
import sys

from deploy.docker import image
from services.ctl.engines.errors import EngineError
from services.ctl.engines.jars import cache_folder, ensure_jars
from tests.support.fetching import Missing
from tests.support.helm import tools
from tests.support.kube.control import etcd
from tests.support.kube.definitions import definitions
from tests.support.kube.earlier import earlier
from tests.support.kube.node import need_packages
from tests.support.kube.programs import PROGRAMS, program
from tests.support.kube.prometheus import prometheus


def for_api() -> None:
    """Raises Missing and EngineError."""
    tools()
    etcd()
    list(definitions())
    program("kube-apiserver")


def for_cluster() -> None:
    """As for_api; the image's CannotBuild, too."""
    if os.geteuid():
        raise Missing("not root: a cluster needs namespaces and control groups")
    need_packages()
    for_api()
    for name in PROGRAMS:
        program(name)
    prometheus()
    ensure_jars(cache_folder())
    first, again = image.build(), image.build("tandem-again")
    if first.digest != again.digest:
        raise Missing(f"two builds of the image differ: {first.digest}, {again.digest}")
    earlier()


if __name__ == "__main__":
    try:
        {"api": for_api, "cluster": for_cluster}[sys.argv[1]]()
    except (Missing, image.CannotBuild, EngineError) as error:
        sys.exit(f"not done, since {error}")
