"""How seldom processes of tests look for garbage: what they are made of is much and stays."""

from __future__ import annotations

import gc

SELDOM = 50_000, 20, 20  # `gc.set_threshold`


def let_be() -> None:
    """What is there now is looked through no more, what comes seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
