from tests.support.engines import db, engines

__all__ = ["db", "engines"]
