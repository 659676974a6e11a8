"""A ceiling for the crawl's own memory, so that what explodes fails alone and the machine lives.

Scrapy looks at memory every 15 seconds and stops gently; a single answer can be quicker.
"""

from __future__ import annotations

import contextlib
import resource

MEBI = 1 << 20
# Address space that threads and libraries reserve and never touch (fifty threads: 1.3 GiB seen).
RESERVED = 2048


def hold_memory(megabytes: int) -> None:
    """Let this process take `megabytes` and what it merely reserves; more raises MemoryError."""
    ceiling = (megabytes + RESERVED) * MEBI
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        ceiling = min(ceiling, hard)
    with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
