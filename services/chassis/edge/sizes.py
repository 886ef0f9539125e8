"""How many bytes a request may have, over both transports. The loop reads one in one go, and all
others wait for as long: 256 KiB of tiny entries take a sixth of a second."""

MAX_BODY = 256 * 1024
MAX_ANONYMOUS = 16 * 1024  # of an operation without a token
MAX_MESSAGE = 1024 * 1024  # one of a stream
