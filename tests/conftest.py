"""Settings of all tests, also where they run in several processes."""

import os

from hypothesis import HealthCheck, settings

from services.ctl.engines import ports

# No test fails because the machine is busy. What CI's profile sets besides stays as it is.
settings.register_profile(
    "untimed", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("untimed")

# Each of several processes of pytest gives out ports of its own: one that is chosen is free until
# it is used, and again while its server is down.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
ports.PORTS = ports.PORTS[_worker::_workers]
