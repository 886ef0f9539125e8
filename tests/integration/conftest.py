from tests.support.engines import engines

__all__ = ["engines"]
