"""Link patterns of files: globs over an address's path, matched in linear time.

`*` stands for any run of characters (also none, also slashes), `#` for one digit, all else for
itself. No regular expression comes from a file: what looks like one is refused at load.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_GLOB = 200
MOST_STARS = 10
LONGEST_ADDRESS = 4096
FOREIGN = set("[]{}()^$|\\+<>\"'`")


def find_fault(glob: str) -> str | None:
    """Say what is wrong with a glob, None where it is sound."""
    if not glob:
        return "an empty glob"
    if len(glob) > LONGEST_GLOB:
        return f"a glob of {len(glob)} characters, at most {LONGEST_GLOB}"
    if "://" in glob:
        return 'a whole address; a glob starts at the path ("/read/*")'
    if glob[0] not in "/*":
        return 'a glob starts with "/" or "*"'
    if not glob.isascii() or not glob.isprintable() or " " in glob:
        return "a glob is written as the address is: ASCII, no blanks (%20)"
    strange = sorted(FOREIGN & set(glob))
    if strange:
        return f'{strange[0]} has no place in a glob; "*" is any run, "#" one digit'
    if "**" in glob:
        return '"**" is written "*"'
    if glob.count("*") > MOST_STARS:
        return f"more than {MOST_STARS} stars"
    return None


def glob_matches(glob: str, path: str, query: str = "") -> bool:
    """Tell whether a sound glob covers a path; the query counts where the glob has a "?"."""
    if len(path) + len(query) >= LONGEST_ADDRESS:
        return False
    address = f"{path}?{query}" if "?" in glob and query else path
    return _compiled(glob).match(address) is not None


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    """Each star takes the shortest run and never looks back (atomic group), but for the last."""
    head, *blocks = ["".join("[0-9]" if c == "#" else re.escape(c) for c in block)
                     for block in glob.split("*")]  # fmt: skip
    if not blocks:
        return re.compile(rf"{head}\Z", re.DOTALL)
    middle = "".join(rf"(?>.*?{block})" for block in blocks[:-1])
    return re.compile(rf"{head}{middle}.*{blocks[-1]}\Z", re.DOTALL)
