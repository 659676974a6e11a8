"""The sample web's listings with their usual faults: feeds, sitemaps, REST, robots.txt."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .sites import Site
    from .web import SampleArticle, SampleWeb

NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
BROKEN = "<br />\n<b>Fatal error</b>: Allowed memory size exhausted in <b>/rss.php</b> on line 88"


def make_rss(site: Site, articles: list[SampleArticle]) -> bytes:
    """Print the site's RSS; the site's faults are in it."""
    if "broken" in site.faults:
        return BROKEN.encode()
    amp = " & " if "ampersand" in site.faults else " &amp; "
    items = "".join(_item(site, article, amp) for article in articles[: site.feed_limit])
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{site.name}</title><link>{site.base}</link>"
        f"<description>Berita daerah{amp}nasional</description><language>id</language>"
        f"{items}</channel></rss>"
    )
    return (("\ufeff" if "bom" in site.faults else "") + text).encode()


def make_comments_feed(site: Site, articles: list[SampleArticle]) -> bytes:
    """Print the feed of comments, which lists no news."""
    items = "".join(
        f"<item><title>Komentar pada {escape(a.title)} oleh Warga {n}</title>"
        f"<link>{a.url}#comment-{n + 40}</link><pubDate>{format_datetime(a.modified_at)}</pubDate>"
        f"<description>Semoga bermanfaat.</description></item>"
        for n, a in enumerate(articles[:5])
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>Komentar untuk {site.name}</title><link>{site.base}</link>"
        f"<description/>{items}</channel></rss>"
    ).encode()


def make_atom(site: Site, articles: list[SampleArticle]) -> bytes:
    """Print the site's Atom feed as Blogger does."""
    entries = "".join(
        f"<entry><id>tag:blogger.com,1999:blog-71.post-{a.number}</id>"
        f"<published>{site.local(a.published_at).isoformat()}</published>"
        f"<updated>{site.local(a.modified_at).isoformat()}</updated>"
        f"<category scheme='http://www.blogger.com/atom/ns#' term='{a.rubric.title()}'/>"
        f"<title type='text'>{escape(a.title)}</title>"
        f"<content type='html'>{escape('<br/>'.join(a.paragraphs))}</content>"
        f"<link rel='replies' type='application/atom+xml' "
        f"href='{site.base}/feeds/{a.number}/comments/default'/>"
        f"<link rel='alternate' type='text/html' href='{a.url}' title='{escape(a.title)}'/>"
        f"<author><name>{a.author}</name></author></entry>"
        for a in articles[: site.feed_limit]
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
        f"<id>tag:blogger.com,1999:blog-71</id><title type='text'>{site.name}</title>"
        f"<link rel='alternate' type='text/html' href='{site.base}/'/>{entries}</feed>"
    ).encode()


def make_sitemap(site: Site, articles: list[SampleArticle], now: datetime) -> bytes:
    """Print all the site's articles; with `stale_lastmod` every one claims to be of today."""
    rows = []
    for a in articles:
        stamp = now if "stale_lastmod" in site.faults else a.modified_at
        stamp = stamp.astimezone(UTC).replace(microsecond=0)
        rows.append(
            f"<url><loc>{escape(a.url)}</loc><lastmod>{stamp.isoformat()}</lastmod></url>\n"
        )
    return _urlset("".join(rows), "")


def make_sitemap_index(site: Site, child: str, changed_at: datetime) -> bytes:
    """Print the index that leads to the one sitemap."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>'
        f"<loc>{site.base}{child}</loc><lastmod>{changed_at:%Y-%m-%d}</lastmod>"
        "</sitemap></sitemapindex>"
    ).encode()


def make_news_sitemap(site: Site, articles: list[SampleArticle]) -> bytes:
    """Print the site's articles with title and time, as news sitemaps do."""
    rows = "".join(
        f"<url><loc>{escape(a.url)}</loc><news:news><news:publication><news:name>{site.name}"
        f"</news:name><news:language>id</news:language></news:publication>"
        f"<news:publication_date>{site.local(a.published_at).isoformat()}</news:publication_date>"
        f"<news:title>{escape(a.title)}</news:title></news:news></url>\n"
        for a in articles
    )
    return _urlset(rows, NEWS)


def make_posts(site: Site, articles: list[SampleArticle]) -> bytes:
    """Print WordPress's own JSON list of posts."""
    rows = [
        {
            "id": a.number,
            "date": site.local(a.published_at).replace(tzinfo=None).isoformat(),
            "date_gmt": a.published_at.replace(tzinfo=None).isoformat(),
            "modified_gmt": a.modified_at.replace(tzinfo=None).isoformat(),
            "slug": a.path.strip("/").rpartition("/")[2],
            "status": "publish",
            "type": "post",
            "link": a.url,
            "title": {"rendered": escape(a.title).replace("–", "&#8211;")},
            "excerpt": {"rendered": f"<p>{_excerpt(a)} [&hellip;]</p>\n", "protected": False},
        }
        for a in articles
    ]
    return json.dumps(rows).encode()


def make_robots(site: Site) -> bytes:
    """Print robots.txt with the sitemaps the site has."""
    lines = ["User-agent: *", "Disallow: /wp-admin/", "Disallow: /search"]
    if site.crawl_delay:
        lines.append(f"Crawl-delay: {site.crawl_delay}")
    named = [path for path in (site.sitemap, site.news_sitemap) if path]
    lines += ["", *(f"Sitemap: {site.base}{path}" for path in named)]
    return ("\r\n".join(lines) + "\r\n").encode()


def find_listing(
    web: SampleWeb, site: Site, path: str, query: dict[str, str]
) -> tuple[str, bytes] | None:
    """Find the listing at a path of the site -> content type and body."""
    articles = web.articles_of(site.id)
    xml = "application/xml; charset=UTF-8"
    child = "/wp-sitemap-posts-post-1.xml"
    if path == "/robots.txt" and site.robots:
        return "text/plain", make_robots(site)
    if path == site.feed or (path.rstrip("/") + "/" == site.feed):
        if site.theme == "blogger" and query.get("alt") != "rss":
            return "application/atom+xml; charset=UTF-8", make_atom(site, articles)
        return "application/rss+xml; charset=UTF-8", make_rss(site, articles)
    if path == site.comments_feed:
        return "application/rss+xml; charset=UTF-8", make_comments_feed(site, articles)
    if path == site.sitemap and site.theme.startswith("wordpress"):
        return xml, make_sitemap_index(site, child, web.changed_at(site.id))
    if site.sitemap and path in (site.sitemap, child):
        return xml, make_sitemap(site, articles, web.now)
    if path == site.news_sitemap:
        recent = [a for a in articles if a.published_at > web.now - timedelta(days=7)]
        return xml, make_news_sitemap(site, recent)
    if path == site.rest:
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        cut = articles[(page - 1) * size : page * size]
        return "application/json; charset=UTF-8", make_posts(site, cut)
    return None


def _item(site: Site, article: SampleArticle, amp: str) -> str:
    link = article.path if "relative" in site.faults else article.url
    whole = f"<content:encoded><![CDATA[{_html(article)}]]></content:encoded>"
    body = "" if "excerpt" in site.faults else whole
    return (
        f"<item><title>{escape(article.title)}</title><link>{link}</link>"
        f"<dc:creator>{article.author}</dc:creator>"
        f"<pubDate>{format_datetime(article.published_at)}</pubDate>"
        f"<category>{article.rubric.title()}{amp}Daerah</category>"
        f'<guid isPermaLink="false">{site.base}/?p={article.number}</guid>'
        f"<description><![CDATA[<p>{_excerpt(article)} [&#8230;]</p>]]></description>"
        f"{body}</item>\n"
    )


def _html(article: SampleArticle) -> str:
    return "\n".join(f"<p>{escape(text)}</p>" for text in article.paragraphs)


def _excerpt(article: SampleArticle) -> str:
    return escape(" ".join(article.paragraphs[0].split()[:40]))


def _urlset(rows: str, more: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {more}>{rows}</urlset>'
    ).encode()
