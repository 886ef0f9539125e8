import pytest

from deploy.docker.image import Built, build
from tests.support.engines import engines

__all__ = ["engines"]


@pytest.fixture(scope="session")
def image() -> Built:
    """The image of this checkout."""
    return build()
