"""The schema of both files, as an append-only list of functions, each in its own transaction.

Times are integer unix seconds (UTC); `day` counts local days since 1970; `url_hash` is
`database.url_hash`. STRICT throughout. A released function is never edited: append the next one.
`crawl.db` holds what the network said, `ronda.db` what people and the reader decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

crawl = Migrations("crawl")
ronda = Migrations("ronda")
MIGRATIONS = {"crawl": crawl, "ronda": ronda}
# Schema numbers as in `PRAGMA user_version`: the count of functions below, per file.
LATEST = {"crawl": 1, "ronda": 1}


@crawl()
def c0001_crawl(db: Database) -> None:
    """Make what the crawl remembers: sources' state, hosts, links, pages, rounds."""
    _run(
        db,
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        INSERT INTO meta VALUES ('file', lower(hex(randomblob(8))));

        CREATE TABLE rounds (
            id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, started_at INTEGER NOT NULL,
            ended_at INTEGER, reason TEXT
        ) STRICT;

        CREATE TABLE crawls (
            id INTEGER PRIMARY KEY, round INTEGER NOT NULL REFERENCES rounds (id),
            source TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
            state TEXT NOT NULL DEFAULT 'open', reason TEXT,
            requests INTEGER NOT NULL DEFAULT 0, not_modified INTEGER NOT NULL DEFAULT 0,
            received INTEGER NOT NULL DEFAULT 0, links_new INTEGER NOT NULL DEFAULT 0,
            pages INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
            reasons TEXT NOT NULL DEFAULT '{}'
        ) STRICT;
        CREATE INDEX crawls_source ON crawls (source, id);
        CREATE INDEX crawls_round ON crawls (round);
        CREATE INDEX crawls_open ON crawls (id) WHERE ended_at IS NULL;

        CREATE TABLE source_state (
            source TEXT PRIMARY KEY, slot TEXT NOT NULL, due_at INTEGER, lease TEXT,
            lease_until INTEGER, first_contact_at INTEGER, polled_at INTEGER, ok_at INTEGER,
            new_link_at INTEGER, failures INTEGER NOT NULL DEFAULT 0, reason TEXT,
            parsing INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX source_state_due ON source_state (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX source_state_lease ON source_state (lease) WHERE lease IS NOT NULL;

        CREATE TABLE listings (
            source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT, origin TEXT NOT NULL,
            final_url TEXT, etag TEXT, last_modified TEXT, status INTEGER, fetched_at INTEGER,
            whole_at INTEGER, ok_at INTEGER, new_link_at INTEGER, links INTEGER,
            failures INTEGER NOT NULL DEFAULT 0, reason TEXT,
            PRIMARY KEY (source, url)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE hosts (
            host TEXT PRIMARY KEY, slot TEXT, robots BLOB, robots_status INTEGER,
            robots_at INTEGER, robots_good_at INTEGER, crawl_delay REAL, delay REAL,
            next_at INTEGER, back_off_until INTEGER, failures INTEGER NOT NULL DEFAULT 0,
            reason TEXT, certificate TEXT, seen_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX hosts_slot ON hosts (slot);

        CREATE TABLE links (
            id INTEGER PRIMARY KEY, url_hash INTEGER NOT NULL, url TEXT NOT NULL,
            source TEXT NOT NULL, first_seen INTEGER NOT NULL, round INTEGER, state TEXT NOT NULL,
            due_at INTEGER, touches INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
            first_try INTEGER, reason TEXT, title TEXT, published_at INTEGER,
            etag TEXT, last_modified TEXT
        ) STRICT;
        CREATE INDEX links_url ON links (url_hash);
        CREATE INDEX links_due ON links (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX links_source_due ON links (source, touches, published_at, due_at)
            WHERE due_at IS NOT NULL;
        CREATE INDEX links_first_contact ON links (source) WHERE state = 'skipped';

        CREATE TABLE link_sources (
            link INTEGER NOT NULL REFERENCES links (id) ON DELETE CASCADE,
            source TEXT NOT NULL, listing TEXT, first_seen INTEGER NOT NULL,
            PRIMARY KEY (link, source)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE bodies (
            sha256 TEXT PRIMARY KEY, zstd BLOB NOT NULL, size INTEGER NOT NULL,
            stored_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX bodies_stored ON bodies (stored_at);

        CREATE TABLE pages (
            id INTEGER PRIMARY KEY, link INTEGER, url_hash INTEGER NOT NULL, url TEXT NOT NULL,
            source TEXT NOT NULL, round INTEGER, fetched_at INTEGER NOT NULL,
            status INTEGER NOT NULL, final_url TEXT NOT NULL, etag TEXT, last_modified TEXT,
            content_type TEXT, sha256 TEXT, size INTEGER, marks TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX pages_url ON pages (url_hash);
        CREATE INDEX pages_sha256 ON pages (sha256) WHERE sha256 IS NOT NULL;
        CREATE INDEX pages_fetched ON pages (fetched_at);

        CREATE TABLE wish_outcomes (
            wish INTEGER PRIMARY KEY, round INTEGER, taken_at INTEGER NOT NULL,
            done_at INTEGER, outcome TEXT
        ) STRICT;
        """,
    )


@ronda()
def r0001_decisions(db: Database) -> None:
    """Make what people, the reader and the matcher decided."""
    _run(
        db,
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

        CREATE TABLE sources (
            source TEXT PRIMARY KEY, enabled INTEGER NOT NULL DEFAULT 1, switched_at INTEGER,
            switched_by TEXT, health TEXT, health_reason TEXT, health_at INTEGER,
            quarantined_at INTEGER
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE entry_points (
            source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
            learned_at INTEGER NOT NULL, dead_at INTEGER, PRIMARY KEY (source, url)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE wishes (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, url TEXT,
            payload TEXT NOT NULL DEFAULT '{}', made_at INTEGER NOT NULL, done_at INTEGER,
            outcome TEXT
        ) STRICT;
        CREATE INDEX wishes_open ON wishes (id) WHERE done_at IS NULL;

        CREATE TABLE orders (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
            made_at INTEGER NOT NULL, started_at INTEGER, done_at INTEGER, result TEXT
        ) STRICT;
        CREATE INDEX orders_open ON orders (id) WHERE done_at IS NULL;

        CREATE TABLE readings (
            url_hash INTEGER NOT NULL, sha256 TEXT NOT NULL, url TEXT NOT NULL, page INTEGER,
            source TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
            failures INTEGER NOT NULL DEFAULT 0, outcome TEXT, reason TEXT, reader INTEGER,
            tried_at INTEGER NOT NULL, article INTEGER,
            PRIMARY KEY (url_hash, sha256)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX readings_open ON readings (tried_at) WHERE outcome IS NULL;
        CREATE INDEX readings_sha256 ON readings (sha256);

        CREATE TABLE parts (
            url_hash INTEGER NOT NULL, url TEXT NOT NULL, story TEXT NOT NULL,
            source TEXT NOT NULL, ordinal INTEGER NOT NULL, wish INTEGER NOT NULL,
            wished_at INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (url_hash, url)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX parts_story ON parts (story);
        CREATE INDEX parts_open ON parts (state) WHERE state = 'waiting';
        CREATE TABLE furniture (
            source TEXT NOT NULL, text_hash TEXT NOT NULL, found_at INTEGER NOT NULL,
            PRIMARY KEY (source, text_hash)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE articles (
            id INTEGER PRIMARY KEY AUTOINCREMENT, url_hash INTEGER NOT NULL,
            url TEXT NOT NULL UNIQUE, source TEXT NOT NULL, title TEXT NOT NULL,
            published_at INTEGER, precision TEXT, published_from TEXT, modified_at INTEGER,
            first_seen INTEGER NOT NULL,
            fetched_at INTEGER NOT NULL, day INTEGER NOT NULL, region TEXT, province TEXT,
            kind TEXT NOT NULL, completeness TEXT NOT NULL, dateline TEXT, author TEXT,
            editor TEXT, marks TEXT NOT NULL DEFAULT '[]', doubts TEXT NOT NULL DEFAULT '[]',
            text_hash TEXT NOT NULL, page_sha256 TEXT, reader INTEGER, version INTEGER NOT NULL
            DEFAULT 1, gone_at INTEGER, copy_group INTEGER, event INTEGER
        ) STRICT;
        CREATE INDEX articles_url ON articles (url_hash);
        CREATE INDEX articles_day ON articles (day, region);
        CREATE INDEX articles_region ON articles (region, day);
        CREATE INDEX articles_source ON articles (source, fetched_at);
        CREATE INDEX articles_text_hash ON articles (text_hash);
        CREATE INDEX articles_group ON articles (copy_group) WHERE copy_group IS NOT NULL;
        CREATE INDEX articles_event ON articles (event) WHERE event IS NOT NULL;

        CREATE TABLE article_texts (
            article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
            text TEXT NOT NULL
        ) STRICT;

        CREATE TABLE article_versions (
            article INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            version INTEGER NOT NULL, seen_at INTEGER NOT NULL, change TEXT NOT NULL,
            title TEXT, text TEXT, page_sha256 TEXT, difference TEXT,
            PRIMARY KEY (article, version)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE revisits (
            article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
            url TEXT NOT NULL, matched_at INTEGER NOT NULL, due_at INTEGER, wish INTEGER,
            wished_at INTEGER, version INTEGER, outcome TEXT
        ) STRICT;
        CREATE INDEX revisits_due ON revisits (due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX revisits_open ON revisits (wish) WHERE wish IS NOT NULL;

        CREATE TABLE article_counts (
            source TEXT NOT NULL, day INTEGER NOT NULL, articles INTEGER NOT NULL DEFAULT 0,
            matches INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source, day)
        ) STRICT, WITHOUT ROWID;

        CREATE VIEW article_search AS
            SELECT a.id AS id, a.title AS title, t.text AS text,
                'zs' || lower(hex(a.source)) || ' zp' || coalesce(a.province, '') || ' zr'
                || replace(coalesce(a.region, ''), '.', '') || ' zd' || a.day AS tags
            FROM articles a JOIN article_texts t ON t.article = a.id;
        CREATE VIRTUAL TABLE articles_fts USING fts5 (
            title, text, tags, content='article_search', content_rowid='id',
            tokenize="unicode61 remove_diacritics 2"
        );

        CREATE TABLE topics (
            topic TEXT NOT NULL, revision TEXT NOT NULL, first_used INTEGER NOT NULL,
            PRIMARY KEY (topic, revision)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE topic_progress (
            topic TEXT PRIMARY KEY, revision TEXT NOT NULL, up_to INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE topic_queue (
            article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
            changed_at INTEGER NOT NULL, failed INTEGER NOT NULL DEFAULT 0,
            found_later INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE matches (
            id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL,
            article INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            revision TEXT NOT NULL, score REAL NOT NULL, level TEXT NOT NULL, why_not TEXT,
            matched_at INTEGER NOT NULL, found_later INTEGER NOT NULL DEFAULT 0,
            UNIQUE (topic, article)
        ) STRICT;
        CREATE INDEX matches_article ON matches (article);
        CREATE INDEX matches_level ON matches (level, matched_at);

        CREATE TABLE evidence (
            match INTEGER NOT NULL REFERENCES matches (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL, concept TEXT NOT NULL, phrase TEXT NOT NULL,
            field TEXT NOT NULL, paragraph INTEGER NOT NULL, start INTEGER NOT NULL,
            "end" INTEGER NOT NULL, weight REAL NOT NULL, version INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (match, ordinal)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE facts (
            article INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
            sentence TEXT NOT NULL, field TEXT NOT NULL, start INTEGER NOT NULL,
            "end" INTEGER NOT NULL, PRIMARY KEY (article, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX facts_kind ON facts (kind, value);

        CREATE TABLE groups (
            id INTEGER PRIMARY KEY, text_hash TEXT, first_article INTEGER NOT NULL,
            made_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX groups_hash ON groups (text_hash);
        CREATE TABLE events (
            id INTEGER PRIMARY KEY, first_article INTEGER NOT NULL, province TEXT, day INTEGER,
            title TEXT, made_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE verdicts (
            id INTEGER PRIMARY KEY, topic TEXT NOT NULL, copy_group INTEGER NOT NULL,
            kind TEXT NOT NULL DEFAULT 'relevance', verdict TEXT NOT NULL, by TEXT NOT NULL,
            at INTEGER NOT NULL, note TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX verdicts_group ON verdicts (copy_group, topic, id);

        CREATE TABLE monitors (
            monitor TEXT PRIMARY KEY, begun_at INTEGER NOT NULL, after_match INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE digests (
            id INTEGER PRIMARY KEY, monitor TEXT NOT NULL, slot TEXT NOT NULL,
            kind TEXT NOT NULL DEFAULT 'digest', since INTEGER, until INTEGER,
            made_at INTEGER NOT NULL, subject TEXT NOT NULL, events INTEGER NOT NULL,
            articles INTEGER NOT NULL, html TEXT NOT NULL, txt TEXT NOT NULL, json TEXT NOT NULL,
            UNIQUE (monitor, slot)
        ) STRICT;

        CREATE TABLE told (
            monitor TEXT NOT NULL, match INTEGER NOT NULL, kind TEXT NOT NULL,
            digest INTEGER, at INTEGER NOT NULL, PRIMARY KEY (monitor, match, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX told_match ON told (match);

        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, monitor TEXT NOT NULL,
            slot TEXT NOT NULL, channel TEXT NOT NULL, recipient TEXT NOT NULL,
            message TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT
            NULL DEFAULT 0, made_at INTEGER NOT NULL, due_at INTEGER, lease_until INTEGER,
            sent_at INTEGER, reason TEXT, UNIQUE (monitor, slot, recipient, channel)
        ) STRICT;
        CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
        """,
    )


def _run(db: Database, script: str) -> None:
    """Execute statement by statement: `executescript` would commit the migration's transaction."""
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute(statement)
