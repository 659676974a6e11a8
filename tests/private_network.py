"""Run inside `unshare -rn`: the address matrix where each private address is on lo, with an ear.

Prints one JSON line: what was reached, whether the ears hear at all, how many pages came.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from storage.home import make_home
from tests.address_matrix import ADDRESSES, CANONICAL, build, environment
from tests.crawling import crawl, reading
from tests.hostile import HostileSite

PORTS = (22, 80, 443, 6379, 8080)


def main(folder: Path) -> None:
    """Set the network up, crawl, tell."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in ADDRESSES:
        subprocess.run(["ip", "addr", "add", f"{address}/32", "dev", "lo"], check=True)
    reached: set[tuple[str, int]] = set()
    ears = [_listen(family, port, reached) for family in _families() for port in PORTS]
    socket.create_connection(("169.254.169.254", 80), 5).close()
    for _ in range(100):
        if reached:
            break
        threading.Event().wait(0.02)
    control = len(reached)
    reached.clear()
    home = make_home(folder / "home")
    site = HostileSite()
    build(site, home)
    crawled = crawl(
        home,
        dict(os.environ),
        "-s",
        "TWISTED_DNS_RESOLVER=tests.fake_dns.FakeResolver",
        **environment(),
    )
    site.close()
    for ear in ears:
        ear.close()
    with reading(home) as db:
        [done] = db.execute(
            "SELECT count(*) FROM links WHERE state = 'done' AND url LIKE ?", [f"%{CANONICAL}"]
        ).fetchone()
    report = {"reached": sorted(reached), "control": control, "done": done, "code": crawled.code}
    sys.stdout.write(json.dumps(report))
    sys.stdout.flush()
    os._exit(0)  # the ears' threads sleep in accept


def _families() -> list[socket.AddressFamily]:
    return [socket.AF_INET, *([socket.AF_INET6] if socket.has_ipv6 else [])]


def _listen(
    family: socket.AddressFamily, port: int, reached: set[tuple[str, int]]
) -> socket.socket:
    ear = socket.socket(family)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family is socket.AF_INET6:
        ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    ear.bind(("", port))
    ear.listen(50)

    def hear() -> None:
        while True:
            try:
                caller, _ = ear.accept()
            except OSError:
                return
            reached.add(caller.getsockname()[:2])
            caller.close()

    threading.Thread(target=hear, daemon=True).start()
    return ear


if __name__ == "__main__":
    main(Path(sys.argv[1]))
