"""Why a site cannot be watched, in words for the person who gave its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .preview import Preview

WORDS = {
    "robots": "its robots.txt forbids it",
    "robots_unreachable": "its robots.txt cannot be had, so nothing may be asked; try later",
    "blocked": "it blocks programs (a shut door or a challenge page); no way around is taken",
    "blocked_address": "it leads to a private address, and only public ones are visited",
    "blocked_port": "its port is none that sites of the public web use",
    "bad_address": "that is no address of a site",
    "dns": "its name does not resolve",
    "timeout": "it did not answer in time",
    "refused": "it refuses connections",
    "unreachable": "it cannot be reached",
    "connection_lost": "it breaks connections off",
    "certificate": "its certificate is not valid",
    "tls": "no secure connection comes about",
    "held": "its host asked to be left alone for a while; try later",
    "redirect_loop": "it redirects without end",
    "too_large": "its front page is too large",
    "no_articles": "no articles found",
    "unreadable": "its pages were found, but none could be read as an article",
    "error": "discovery broke, see logs/discovery.log",
    "moved": "the whole site has moved",
    "slow": "it took longer than a visit may take",
}


def words_of_reason(reason: str) -> str:
    """Say a reason in words."""
    if reason.startswith("http_"):
        return f"it answers with HTTP status {reason.removeprefix('http_')}"
    return WORDS.get(reason, reason)


def words_of_refusal(preview: Preview) -> str:
    """Say on one line why a site is refused and, where nothing was found, what was tried."""
    reason = preview.refused or ""
    text = f"{preview.url}: {words_of_reason(reason)}"
    if reason == "certificate":
        why = f" ({preview.detail.removeprefix('its certificate is ')})" if preview.detail else ""
        text += f'{why}; a file of your own with tls = "lax" reads it all the same'
    if reason == "no_articles" and preview.detail:
        text += f"; tried {preview.detail}"
    if reason == "unreadable":
        seen = sorted({one.reason or "?" for one in preview.samples if one.article is None})
        text += f" ({', '.join(seen)})"
    return text
