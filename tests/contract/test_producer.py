"""What the producer insists on before it talks to a broker."""

import pytest
from aiokafka.record import default_records

from services.chassis.log.producer import require_extensions


def test_the_slow_record_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    require_extensions()
    slow = default_records._DefaultRecordBatchBuilderPy
    monkeypatch.setattr(default_records, "DefaultRecordBatchBuilder", slow)
    with pytest.raises(RuntimeError, match="C extension"):
        require_extensions()
