"""Answers 200 that are no article: challenges, consent and login walls, script shells. And honest
pages that merely speak of such things. Prose and marks are our own miniature of the real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

STORY = "".join(
    f"<p>Alinea {n}: Bupati bersama KPK membahas penertiban aset daerah dan tata kelola dana desa "
    "di pendopo, dihadiri para kepala dinas dan camat.</p>"
    for n in range(1, 7)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One answer: whether it must be seen as a wall, and of what kind."""

    body: str
    blocked: bool = True
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)


def page(title: str, body: str, head: str = "") -> str:
    """Give a page."""
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    )


SHELL = '<script src="/static/js/main.3f2a.js"></script>'
WALLS: dict[str, Wall] = {
    "cloudflare-moment": Wall(
        body=page(
            "Just a moment...",
            "<noscript>Enable JavaScript and cookies to continue</noscript>"
            '<script>window._cf_chl_opt={cType:"managed"};</script>',
        )
    ),
    "cloudflare-id": Wall(
        body=page(
            "Tunggu sebentar...",
            '<div id="challenge-error-text">Aktifkan JavaScript</div>'
            '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/x"></script>',
        )
    ),
    "cloudflare-header": Wall(
        body=page("situs", "<p>Verifikasi.</p>"), headers={"cf-mitigated": "challenge"}
    ),
    "cloudflare-attention": Wall(
        body=page("Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1>")
    ),
    "cloudflare-1015": Wall(
        body=page(
            "Access denied | situs.test used Cloudflare to restrict access",
            "<h1>Error 1015</h1><p>You are being rate limited</p>",
        ),
        status="429 Too Many Requests",
    ),
    "cloudflare-403": Wall(
        body=page("Just a moment...", "<script>window._cf_chl_opt={}</script>"),
        status="403 Forbidden",
        headers={"Server": "cloudflare"},
    ),
    "ddos-guard": Wall(
        body=page("DDoS-Guard", "<h1>Checking your browser before accessing situs</h1>")
    ),
    "sucuri": Wall(
        body=page(
            "You are being redirected...",
            "<noscript>Javascript is required. Please enable javascript.</noscript>"
            "<script>var s={},u,c,U,r,i,l=0,sucuri_cloudproxy_js='';</script>",
        )
    ),
    "sucuri-firewall": Wall(
        body=page("Sucuri WebSite Firewall - Access Denied", "<h1>Access Denied</h1>")
    ),
    "incapsula": Wall(
        body='<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX"></head><body>'
        '<iframe src="/_Incapsula_Resource?CWUDNSAI=1">Request unsuccessful.</iframe></body></html>'
    ),
    "imunify": Wall(
        body=page(
            "One moment, please...", "<h1>Please wait while your request is being verified...</h1>"
        )
    ),
    "litespeed": Wall(
        body=page(
            "Bot Verification",
            "<p>Verifying that you are not a robot...</p>"
            '<script src="https://www.google.com/recaptcha/api.js"></script>',
        )
    ),
    "aws-waf": Wall(
        body=page("", '<script src="https://x.token.awswaf.com/x/challenge.js"></script>'),
        headers={"x-amzn-waf-action": "challenge"},
    ),
    "human": Wall(
        body=page("Human Verification", '<div class="h-captcha" data-sitekey="x"></div>')
    ),
    "toolong-cookie": Wall(
        body="<html><body><script>document.cookie='__test='+toHex(slowAES.decrypt(c,2,a,b));"
        "location.href='/?i=1';</script><noscript>This site requires Javascript to work, please "
        "enable Javascript in your browser</noscript></body></html>"
    ),
    "consent": Wall(
        body=page(
            "Sebelum Anda melanjutkan",
            "<h1>Kami menghargai privasi Anda</h1><p>Kami dan mitra kami menyimpan cookie. "
            "Klik setuju untuk melanjutkan.</p><form action='/x'><button>Setuju</button></form>",
        )
    ),
    "consent-en": Wall(
        body=page(
            "Before you continue",
            "<p>We use cookies and data. Accept all cookies to continue to the site.</p>"
            "<button>Accept all</button><button>Reject all</button>",
        )
    ),
    "login": Wall(
        body=page(
            "Login - Portal Berita",
            "<form method=post><input name=user><input type='password' name=p>"
            "<button>Masuk</button></form>",
        )
    ),
    "login-id": Wall(
        body=page(
            "Masuk | Koran Kita",
            "<h1>Silakan masuk untuk membaca</h1><form><input type=email>"
            '<input type="password"></form><p>Belum punya akun? Daftar</p>',
        )
    ),
    "shell-root": Wall(body=page("Koran", '<div id="root"></div>' + SHELL)),
    "shell-app": Wall(
        body=page(
            "Koran",
            "<noscript><strong>We're sorry but this site doesn't work properly "
            "without JavaScript enabled.</strong></noscript>"
            '<div id="app"></div>' + SHELL,
        )
    ),
    "shell-next": Wall(
        body=page(
            "Koran",
            '<div id="__next"></div><script id="__NEXT_DATA__" '
            'type="application/json">{"props":{}}</script>',
        )
    ),
    "shell-nuxt": Wall(
        body=page("Koran", '<div id="__nuxt"></div><script>window.__NUXT__={}</script>')
    ),
    "shell-angular": Wall(body=page("Koran", "<app-root></app-root>" + SHELL)),
    "shell-redirect": Wall(
        body="<html><head><script>window.location.replace('/x?t='+Date.now());</script></head>"
        "<body></body></html>"
    ),
    # honest pages
    "honest-plain": Wall(body=page("Bupati dan KPK", STORY), blocked=False),
    "honest-about-cloudflare": Wall(
        body=page(
            "Cloudflare Tumbang, Just a moment Muncul di Banyak Situs",
            STORY + "<p>Pengunjung melihat tulisan Checking your browser dan Attention "
            "Required! | Cloudflare.</p>",
        ),
        blocked=False,
    ),
    "honest-with-login": Wall(
        body=page("Bupati dan KPK", "<form><input type=password></form>" + STORY), blocked=False
    ),
    "honest-about-login": Wall(
        body=page("Login Aplikasi Desa Kini Satu Pintu", STORY), blocked=False
    ),
    "honest-with-consent": Wall(
        body=page("Bupati dan KPK", "<div class=cookie>Kami memakai cookie. Setuju</div>" + STORY),
        blocked=False,
    ),
    "honest-with-beacon": Wall(
        body=page(
            "Bupati dan KPK",
            STORY + '<script src="/cdn-cgi/challenge-platform/scripts/jsd/'
            'main.js"></script><script src="https://www.google.com/recaptcha/api.js"></script>',
        ),
        blocked=False,
    ),
    "honest-in-shell": Wall(
        body=page(
            "Bupati dan KPK",
            '<div id="__next"><article>' + STORY + "</article></div>"
            '<script id="__NEXT_DATA__" type="application/json">{}</script>' + SHELL,
        ),
        blocked=False,
    ),
    "honest-in-json": Wall(
        body=page(
            "Bupati dan KPK",
            '<div id="root"></div>' + SHELL,
            head='<script type="application/ld+json">{"@type":"NewsArticle",'
            '"articleBody":"Bupati bersama KPK membahas aset daerah."}</script>',
        ),
        blocked=False,
    ),
    "honest-short": Wall(
        body=page("Galeri", "<h1>Bupati lantik pejabat</h1><p>Foto: dok. humas.</p>"), blocked=False
    ),
    "honest-photo": Wall(
        body=page(
            "Foto: Panen Raya",
            '<h1>Panen Raya</h1><img src="/a.jpg"><p>Petani panen.</p>'
            '<script src="/jquery.js"></script>',
        ),
        blocked=False,
    ),
}
