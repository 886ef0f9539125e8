"""What can go wrong when an engine is started on this machine."""


class EngineError(Exception):
    """An engine cannot be had. The message is one line, fit to be shown as it is."""
