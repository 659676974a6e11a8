"""What the crawl remembers: sources' state, hosts, links, pages, rounds; SQL of `crawl.db`.

The scripts that `migrations.py` runs; a released one is never edited.
"""

C0001 = """
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
"""
