"""Ties a process to its parent's life: when the parent dies, so does it, even stuck in C code.

Only for the fork server's preload list: its import acts on purpose. The daemon must not import it.
"""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie() -> None:
    """Ask the kernel to kill this process when its parent ends; elsewhere than on Linux a no-op."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


tie()
