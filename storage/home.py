"""The home: one installation's folder, its modes and its two locks.

A lock is an `flock` on an open file, so a killed holder frees it at once; never a PID file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING, Literal

from config.errors import AlreadyRunning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LockName = Literal["daemon", "crawl"]


def make_home(home: Path) -> Path:
    """Make the home and its folders, readable by their owner only; returns the absolute path."""
    home = home.expanduser().absolute()
    for folder in (home, home / "digests", home / "backups", home / "logs"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


@contextlib.contextmanager
def hold_lock(home: Path, name: LockName, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the home's `daemon` or `crawl` lock; wait at most `wait` seconds for it.

    Raises AlreadyRunning with the holder's process id. The file stays: only the lock counts.
    """
    descriptor = os.open(home / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = find_holder(home, name) or "unknown"
                    raise AlreadyRunning(
                        f"another {name} process holds {home / f'{name}.lock'} (pid {holder})"
                    ) from None
                time.sleep(0.2)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def find_holder(home: Path, name: LockName) -> int | None:
    """Give the process id of the lock's holder, None where nobody holds it."""
    path = home / f"{name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 20, 0).decode("ascii", "replace")
        return int(text) if text.isdigit() else 0
    else:
        return None
    finally:
        os.close(descriptor)
