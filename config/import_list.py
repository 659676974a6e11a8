"""A list of sites from elsewhere (CSV, JSON, OPML, plain text) -> rows to write as sources.

Only an address is needed. Foreign columns are left alone; a line that holds no address stays in
the list as it is, for whoever writes the sources to name it and go on.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from .addresses import complete_address
from .errors import ConfigError
from .opml import iter_outlines
from .tables import printable, quoted, read_text, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 16 * 1024 * 1024
NAMES = {
    "url": ("url", "homepage_url", "homepage", "base_url", "address", "website", "site", "domain"),
    "name": ("name", "title"),
    "region": ("region", "province_code", "province"),
    "family": ("family",),
    "network": ("network",),
}
CELL = 500


def read_source_list(path: Path) -> list[dict[str, Any]]:
    """Read rows with `url` and what is given of name, region, family, network and listings.

    The rows are arguments of `write_source`, which refuses those without an address; each address
    stands once, with all its listings. Raises ConfigError naming file and line where the file is
    no list of addresses.
    """
    text = read_text(path, limit=LIMIT)
    rows: dict[str, dict[str, Any]] = {}
    first: str | None = None
    good = False
    for where, raw in _iter_raw(text, path):
        row = {"url": "", **raw}
        try:
            row["url"] = complete_address(row["url"])
            good = True
        except ValueError as error:
            first = first or f"{where}: url: found {quoted(row['url'])}: {error}"
        listings = row.pop("listings", [])
        kept = rows.setdefault(row["url"], row)
        if listings:
            kept["listings"] = list(dict.fromkeys([*kept.get("listings", []), *listings]))
    if not good:
        raise ConfigError(f"{shown(path)}: {first or 'holds no addresses'}")
    return list(rows.values())


def _iter_raw(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if text.lstrip()[:1] == "<":
        yield from iter_outlines(text, path)
        return
    if text.lstrip()[:1] in {"[", "{"}:
        yield from _iter_json(text, path)
        return
    lines = text.splitlines()
    head = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    delimiter = max(",;\t", key=head.count)
    header = [cell.strip().strip('"').casefold() for cell in head.split(delimiter)]
    if any(cell in NAMES["url"] for cell in header):
        yield from _iter_csv(lines, delimiter, header, path)
        return
    for number, line in enumerate(lines, 1):
        first = line.split(delimiter)[0].strip().strip('"')
        if first and not first.startswith("#"):
            yield f"line {number}", {"url": first}


def _iter_csv(
    lines: list[str], delimiter: str, header: list[str], path: Path
) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True)
    met_header = False
    try:
        for cells in reader:
            if not any(cells) or (not met_header and cells[0].startswith("#")):
                continue
            if not met_header:
                met_header = True
                continue
            yield f"line {reader.line_num}", _chosen(dict(zip(header, cells, strict=False)))
    except csv.Error as error:
        message = printable(str(error))
    else:
        return
    raise ConfigError(f"{shown(path)}: line {reader.line_num}: no CSV: {message}")


def _iter_json(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, item in _items(text, path):
        if isinstance(item, str):
            yield where, {"url": item}
        elif isinstance(item, dict):
            yield where, _chosen({str(key).casefold(): value for key, value in item.items()})
        else:
            raise ConfigError(f"{shown(path)}: {where}: neither an address nor an object")


def _items(text: str, path: Path) -> list[tuple[str, object]]:
    lines = [(at, line) for at, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith("{") for _, line in lines):
        return [(f"line {at}", _parse(line, path, at)) for at, line in lines]
    data = _parse(text, path, 1)
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        data = lists[0] if len(lists) == 1 else [data]
    if not isinstance(data, list):
        raise ConfigError(f"{shown(path)}: no list of addresses")
    return [(f"item {at}", one) for at, one in enumerate(data, 1)]


def _parse(text: str, path: Path, line: int) -> object:
    try:
        data: object = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"line {line + error.lineno - 1}: no JSON: {error.msg}"
    except (RecursionError, ValueError):
        message = f"line {line}: no JSON: nested too deeply or a number too long"
    else:
        return data
    raise ConfigError(f"{shown(path)}: {message}")


def _chosen(row: dict[str, object]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for key, names in NAMES.items():
        values = [row[name] for name in names if isinstance(row.get(name), str | int)]
        texts = [str(value).strip() for value in values if not isinstance(value, bool)]
        text = next((one for one in texts if one), "")
        if text and len(text) <= CELL * 4:
            chosen[key] = text
    listings = row.get("listings")
    if isinstance(listings, str):
        listings = listings.split()
    if isinstance(listings, list) and all(isinstance(one, str) for one in listings) and listings:
        chosen["listings"] = listings
    return chosen
