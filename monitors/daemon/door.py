"""The home's unix socket: where it is, how the daemon binds it, how a command asks through it.

Whoever can open the socket is the home's owner (mode 0600), so no login stands before it.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

from config.errors import ExpectedError

# A unix socket's path has 108 bytes on Linux; the design allows 100.
LONGEST_PATH = 100


def socket_path(home: Path) -> Path:
    """Give the home's socket, or where its path is too long, one in the user's runtime folder."""
    path = home.absolute() / "daemon.sock"
    if len(os.fsencode(path)) <= LONGEST_PATH:
        return path
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(runtime) / f"ronda-{os.getuid()}"
    name = hashlib.blake2b(os.fsencode(home.absolute()), digest_size=8).hexdigest()
    return folder / f"{name}.sock"


def bind_door(home: Path) -> socket.socket:
    """Bind the socket for its owner alone; the caller holds the home's lock, so a stale one goes.

    Raises ExpectedError where the runtime folder belongs to somebody else.
    """
    path = socket_path(home)
    if path.parent != home.absolute():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.parent.stat().st_uid != os.getuid():
            raise ExpectedError(f"{path.parent}: belongs to another user")
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        door.bind(str(path))
    finally:
        os.umask(mask)
    door.listen(16)
    door.setblocking(False)
    return door


def close_door(home: Path) -> None:
    """Take the socket's file away; the caller still holds the lock."""
    with contextlib.suppress(OSError):
        socket_path(home).unlink(missing_ok=True)


def ask(home: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Ask the running daemon through its socket; gives the JSON that it answers.

    Raises ExpectedError where no daemon answers, or with the daemon's own words where it refuses.
    """
    connection = _Connection(socket_path(home))
    try:
        payload = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if payload else {}
        connection.request(method, path, payload, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise ExpectedError(f"the daemon of {home} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise ExpectedError(f"the daemon refused: {text.strip()}")
    return json.loads(text)


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
