"""Pages kept from the day a source was added: `samples/<source>/`, a page a file and an index.

`ronda sources check` reads them again, which tells a changed reader from a changed site.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .records import Page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INDEX = "samples.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSample:
    """A page with what was read from it then; `words` counts its text."""

    page: Page
    title: str
    words: int
    published_at: datetime | None = None


def save_samples(home: Path, source: str, samples: Iterable[KeptSample]) -> Path:
    """Keep samples in the place of a source's earlier ones; gives their folder."""
    folder = home / "samples" / source
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    rows = []
    for number, sample in enumerate(samples, 1):
        page = sample.page
        name = f"{number}.html"
        _write(folder / name, page.body or b"")
        rows.append(
            {
                "file": name,
                "url": page.url,
                "final_url": page.final_url,
                "content_type": page.content_type,
                "fetched_at": page.fetched_at.isoformat(),
                "listed_title": page.listed_title,
                "listed_at": page.listed_at.isoformat() if page.listed_at else None,
                "title": sample.title,
                "words": sample.words,
                "published_at": sample.published_at.isoformat() if sample.published_at else None,
            }
        )
    _write(folder / INDEX, json.dumps(rows, ensure_ascii=False, indent=1).encode())
    return folder


def load_samples(home: Path, source: str) -> list[KeptSample]:
    """Give a source's samples; none where there are none, or where the index was spoilt."""
    folder = home / "samples" / source
    try:
        rows = json.loads((folder / INDEX).read_text())
        return [
            KeptSample(
                page=Page(
                    url=row["url"],
                    source=source,
                    status=200,
                    fetched_at=datetime.fromisoformat(row["fetched_at"]),
                    final_url=row["final_url"],
                    content_type=row["content_type"],
                    body=(folder / str(int(row["file"].partition(".")[0])))
                    .with_suffix(".html")
                    .read_bytes(),
                    listed_title=row["listed_title"],
                    listed_at=_time(row["listed_at"]),
                ),
                title=row["title"],
                words=row["words"],
                published_at=_time(row["published_at"]),
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _write(path: Path, body: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(body)
