"""Closes the machine's door: in tests no process may connect or look up anything but loopback.

An audit hook sees C-level calls, Twisted and asyncio alike. `tests/conftest.py` loads this file,
child processes get it through PYTHONPATH. Where CONNECTS_LOG names a file, each address that is
dialled is written there, before the door is tried.
"""

import errno
import ipaddress
import os
import sys

left_house: list[str] = []
_log: int | None = None
if os.environ.get("CONNECTS_LOG"):
    _log = os.open(os.environ["CONNECTS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _local(host: object) -> bool:
    if host is None:
        return True
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    name = str(host).strip("[]").split("%")[0]
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None
        if _log is not None and isinstance(address, tuple):
            os.write(_log, f"{address[0]} {address[1]}\n".encode())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if not _local(host):
        left_house.append(str(host))
        raise OSError(errno.ENETUNREACH, f"tests may not leave this machine: {host}")


sys.addaudithook(_hook)
