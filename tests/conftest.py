"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# No test fails because the machine is busy. What CI's profile sets besides stays as it is.
settings.register_profile(
    "untimed", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("untimed")
