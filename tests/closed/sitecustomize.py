"""Closes the machine's door: in tests no process may connect or look up anything but loopback.

An audit hook sees C-level calls, Twisted and asyncio alike. `tests/conftest.py` loads this file,
child processes get it through PYTHONPATH.
"""

import errno
import ipaddress
import sys

left_house: list[str] = []


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
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if not _local(host):
        left_house.append(str(host))
        raise OSError(errno.ENETUNREACH, f"tests may not leave this machine: {host}")


sys.addaudithook(_hook)
