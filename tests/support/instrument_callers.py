"""Who asks the operations on instruments, and on which one if not the usual: see `operations`."""

from __future__ import annotations

from collections.abc import Mapping

_COACH = "coach-01"

INSTRUMENT_CALLERS: Mapping[str, tuple[str, dict[str, str]]] = {
    "draft_instrument": (_COACH, {}),
    "fork_instrument": (_COACH, {}),
    "edit_instrument": (_COACH, {"instrument_id": "edited_instrument"}),
    "judge_instrument": (_COACH, {"instrument_id": "forked_instrument"}),
    "list_instruments": (_COACH, {}),
    "publish_instrument": (_COACH, {"instrument_id": "draft_instrument"}),
    "withdraw_instrument": (_COACH, {"instrument_id": "unwanted_instrument"}),
    "retire_instrument": (_COACH, {"instrument_id": "retiring_instrument"}),
    "get_instrument": (_COACH, {}),
    "get_instrument_changes": (_COACH, {"instrument_id": "forked_instrument"}),
}
