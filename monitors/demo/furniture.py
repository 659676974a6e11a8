"""What stands around an article: bulk of styles and scripts, menus, cards; drawn once per site."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from .texts import MONTHS, load_data

if TYPE_CHECKING:
    from datetime import datetime

    from .sites import Site
    from .web import SampleArticle

BLOCKS = (
    "td",
    "wp-block",
    "site",
    "entry",
    "widget",
    "menu",
    "jeg",
    "card",
    "nav",
    "post",
    "share",
)
PARTS = ("title", "meta", "thumb", "inner", "wrap", "list", "item", "link", "icon", "excerpt", "ad")
RULES = (
    "display:flex;align-items:center", "margin:0 0 {a}px", "padding:{a}px {b}px {a}px 0",
    "font-size:{a}px;line-height:1.{b}", "color:#{h}", "background-color:#{h}",
    "border-bottom:1px solid #{h}", "max-width:calc(100% - {b}px)", "transition:all .{a}s ease",
    "grid-template-columns:repeat({a},minmax(0,1fr))", "position:relative;z-index:{b}",
)  # fmt: skip
SCRIPT = (
    "(function(w,d){{var q{n}=d.querySelectorAll('.{s}');for(var i=0;i<q{n}.length;i++){{"
    "q{n}[i].addEventListener('click',function(e){{w.dataLayer=w.dataLayer||[];w.dataLayer.push("
    "{{event:'{s}_click',slot:{n},label:e.target.getAttribute('data-label')||'{s}'}});}});}}"
    "if(w.innerWidth<{n}){{d.documentElement.classList.add('{s}-small');}}}})(window,document);"
)
LINK_WORDS = ("Tentang Kami", "Redaksi", "Pedoman Media Siber", "Kode Etik", "Iklan", "Kontak")


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """A site's standing parts: style sheet, script and the menu's words with their addresses."""

    css: str
    script: str
    menu: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    foot: tuple[tuple[str, str], ...]


def make_furniture(site: Site) -> Furniture:
    """Draw a site's standing parts; together with the rest they bring a page to its weight."""
    die = Random(f"furniture/{site.id}")
    bulk = max(site.weight * 1000 - 26_000, 8_000)
    province = load_data("sites")["provinces"][site.province]
    places = province["regencies"] + province["cities"]
    return Furniture(
        css=_css(die, bulk * 6 // 10),
        script=_script(die, bulk * 4 // 10),
        menu=tuple((w.title(), section_path(site, w)) for w in load_data("words")["rubrics"]),
        places=tuple((name, tag_path(site, name)) for name in places),
        foot=tuple((w, "/" + w.lower().replace(" ", "-")) for w in LINK_WORDS),
    )


def section_path(site: Site, rubric: str) -> str:
    """Give the path of a rubric's index page."""
    match site.theme:
        case "wordpress_classic" | "wordpress_block":
            return f"/category/{rubric}/"
        case "disway":
            return f"/kategori/{rubric}"
        case "blogger":
            return f"/search/label/{rubric.title()}"
        case "goid":
            return f"/kanal/{rubric}"
        case _:
            return f"/{rubric}"


def tag_path(site: Site, name: str) -> str:
    """Give the path of a tag's index page."""
    slug = name.lower().replace(" ", "-")
    return f"/tag/{slug}/" if site.theme.startswith("wordpress") else f"/tag/{slug}"


def printed_time(site: Site, when: datetime) -> dict[str, Any]:
    """Print a time in all the forms that templates use, on the site's wall."""
    local = site.local(when)
    claimed = local.replace(tzinfo=None)
    days = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
    return {
        "day": f"{local.day} {MONTHS[local.month - 1]} {local.year}",
        "weekday": days[local.weekday()],
        "clock": f"{local:%H:%M}",
        "dotted": f"{local:%H.%M}",
        "zone": site.zone.tzname(None),
        "english": f"{local:%d} {_english(local.month)} {local.year}",
        "slashes": f"{local:%d/%m/%Y}",
        "plain": f"{claimed:%Y-%m-%d %H:%M:%S}",
        "iso": claimed.isoformat() + "+00:00" if site.clock == "zone" else local.isoformat(),
    }


def make_card(site: Site, article: SampleArticle) -> dict[str, Any]:
    """Give what a list of articles shows of one."""
    when = article.published_at
    return {
        "title": article.title,
        "url": article.url,
        "image": image_url(site, article, "300x200"),
        "srcset": ", ".join(
            f"{image_url(site, article, size)} {size.partition('x')[0]}w"
            for size in ("300x200", "768x512", "1024x683")
        ),
        "excerpt": " ".join(article.paragraphs[0].split()[:28]) + " …",
        "rubric": article.rubric.title(),
        "rubric_url": section_path(site, article.rubric),
        "when": printed_time(site, when),
        "author": article.author,
        "number": article.number,
    }


def image_url(site: Site, article: SampleArticle, size: str) -> str:
    """Give the address of an article's picture."""
    when = article.published_at
    return f"{site.base}/wp-content/uploads/{when:%Y/%m}/foto-{article.number}-{size}.jpg"


def _english(month: int) -> str:
    names = "January February March April May June July August September October November December"
    return names.split()[month - 1]


def _css(die: Random, size: int) -> str:
    rules = [":root{--wp--preset--color--black:#000;--wp--preset--spacing--20:.44rem}"]
    total = 0
    while total < size:
        rule = die.choice(RULES).format(
            a=die.randint(1, 9), b=die.randint(10, 90), h=f"{die.randrange(16**6):06x}"
        )
        line = f".{die.choice(BLOCKS)}-{die.choice(PARTS)}-{die.randint(1, 99)}{{{rule}}}"
        rules.append(line)
        total += len(line) + 1
    return "\n".join(rules)


def _script(die: Random, size: int) -> str:
    lines: list[str] = []
    total = 0
    while total < size:
        name = f"{die.choice(BLOCKS)}-{die.choice(PARTS)}-{die.randint(1, 99)}"
        line = SCRIPT.format(n=die.randint(100, 999), s=name)
        lines.append(line)
        total += len(line) + 1
    return "\n".join(lines)
