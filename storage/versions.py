"""What an article was before it changed, and that its page is gone -> rows of `article_versions`.

A row holds the wording that was replaced, under that wording's number, and what happened to it.
Evidence names the version in which it stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003  # dataclass fields are read at run time by tests
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from .database import from_unix, to_unix

if TYPE_CHECKING:
    from sqlite_utils import Database

    from .records import Article

MOST_LINES = 1000  # of a text that is compared line by line
SHOWN = 20  # changed lines kept on each side
GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An article as it was up to `seen_at`; `change` says what then changed, or "gone"."""

    version: int
    seen_at: datetime
    change: str
    title: str
    text: str
    difference: dict[str, Any]


def keep_version(
    db: Database, article_id: int, version: int, change: str, new: Article | None, now: datetime
) -> None:
    """Keep the stored wording as a version, before `new` replaces it (None: the page is gone)."""
    title, text, sha256 = db.execute(
        "SELECT a.title, t.text, a.page_sha256 FROM articles a"
        " JOIN article_texts t ON t.article = a.id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    told = {} if new is None else compare(title, text, new.title, new.text)
    db.execute(
        "INSERT INTO article_versions (article, version, seen_at, change, title, text,"
        " page_sha256, difference) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(article_id, version, to_unix(now), change, title, text, sha256),
            json.dumps(told, ensure_ascii=False),
        ),
    )


def versions_of(db: Database, article_id: int) -> list[Version]:
    """Give what an article was before, oldest first."""
    rows = db.execute(
        "SELECT version, seen_at, change, title, text, difference FROM article_versions"
        " WHERE article = ? ORDER BY version",
        (article_id,),
    ).fetchall()
    found = []
    for version, seen, change, title, text, difference in rows:
        seen_at = from_unix(seen)
        assert seen_at is not None
        found.append(
            Version(
                version=version,
                seen_at=seen_at,
                change=change,
                title=title or "",
                text=text or "",
                difference=json.loads(difference or "{}"),
            )
        )
    return found


def mark_gone(db: Database, article_id: int, now: datetime) -> bool:
    """Note that an article's page is gone; its text stays. False where that was known."""
    row = db.execute("SELECT version, gone_at FROM articles WHERE id = ?", (article_id,)).fetchone()
    if row is None or row[1] is not None:
        return False
    keep_version(db, article_id, row[0], GONE, None, now)
    db.execute(
        "UPDATE articles SET gone_at = ?, version = version + 1 WHERE id = ?",
        (to_unix(now), article_id),
    )
    return True


def mark_back(db: Database, article_id: int) -> None:
    """Note that an article's page answers (again)."""
    db.execute(
        "UPDATE articles SET gone_at = NULL WHERE id = ? AND gone_at IS NOT NULL", (article_id,)
    )


def compare(old_title: str, old_text: str, title: str, text: str) -> dict[str, Any]:
    """Sum up what changed: both titles, lines taken away and added, how alike the texts are."""
    told: dict[str, Any] = {}
    if old_title != title:
        told["title"] = [old_title, title]
    if old_text == text:
        return told
    old, new = old_text.split("\n")[:MOST_LINES], text.split("\n")[:MOST_LINES]
    matcher = SequenceMatcher(None, old, new, autojunk=True)
    blocks = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    removed = [line for _, a, b, _, _ in blocks for line in old[a:b]]
    added = [line for _, _, _, a, b in blocks for line in new[a:b]]
    return told | {
        "removed": removed[:SHOWN],
        "added": added[:SHOWN],
        "removed_lines": len(removed),
        "added_lines": len(added),
        "alike": round(matcher.ratio(), 3),
    }
