"""Scrapy's settings, each with its reason in the design; a test asserts them on a running crawl.

What depends on a home (who we say we are, memory, test hosts) is laid on top by the spider and by
the resolver.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

BOT_NAME = "Ronda"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_DNS_RESOLVER = "crawler.guards.addresses.GuardedResolver"


def user_agent(contact: str) -> str:
    """Say who we are: product, version, and whom to write to where the operator says so."""
    try:
        number = version("ronda")
    except PackageNotFoundError:  # a checkout that was never installed
        number = "0"
    return f"Ronda/{number} (+{contact})" if contact else f"Ronda/{number}"


USER_AGENT = user_agent("")
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "id,en;q=0.5",
}

DOWNLOADER = "crawler.guards.slots.PatientDownloader"
# Few at a time stall many: 30 dead hosts made 60 good ones ten times slower at 16.
CONCURRENT_REQUESTS = 100
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 4
DOWNLOAD_DELAY = 2.0  # of a slot nobody set; without a delay the limit per slot is not kept
DOWNLOAD_DELAY_JITTER = 0
AUTOTHROTTLE_ENABLED = False
REACTOR_THREADPOOL_MAXSIZE = 50

DOWNLOAD_TIMEOUT = 20
DNS_TIMEOUT = 10
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
REDIRECT_MAX_TIMES = 5
METAREFRESH_MAXDELAY = 5  # seconds; longer ones reload a page for its readers
METAREFRESH_IGNORE_TAGS = ["script", "noscript", "style"]
URLLENGTH_LIMIT = 0  # a request dropped in silence would stay under way for ever
HTTPERROR_ALLOW_ALL = True
REFERER_ENABLED = True

# The database retries, days later; here only a hiccup is smoothed, never a plea to wait.
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"

COOKIES_ENABLED = False
HTTPPROXY_ENABLED = False
ROBOTSTXT_OBEY = True
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
DOWNLOAD_HANDLERS = {
    "http": "crawler.guards.connections.GuardedHandler",
    "https": "crawler.guards.connections.GuardedHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "crawler.guards.addresses.AddressGuard": 80,
    "crawler.guards.certificates.CertificateGuard": 85,
    "crawler.guards.slots.SlotGuard": 90,
    "crawler.guards.robots.RobotsGuard": 100,
    "crawler.guards.endings.EndingGuard": 565,
    "crawler.guards.challenges.ChallengeGuard": 570,
    "crawler.guards.truncation.TruncationGuard": 595,
    "crawler.guards.validators.ValidatorGuard": 596,
    "crawler.guards.retry.RetryGuard": 880,
}
ITEM_PIPELINES = {"crawler.pipeline.StoringPipeline": 100}
EXTENSIONS = {
    "crawler.pace.PaceKeeper": 10,
    "crawler.stop.Stopper": 20,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
}

MEMUSAGE_CHECK_INTERVAL_SECONDS = 15.0
LOG_LEVEL = "INFO"
LOG_VERSIONS: list[str] = []
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
