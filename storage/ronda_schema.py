"""What people, the reader and the matcher decided; SQL of `ronda.db`.

The scripts that `migrations.py` runs; a released one is never edited.
"""

R0001 = """
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
"""
