"""Lines of a page -> which are the story's: link lines, promotions, marks and echoes are not.

Rules are on whole lines, after extraction: cutting the page before it was tried and made it worse.
"""

from __future__ import annotations

import re

from .title import fold

LINKS = re.compile(  # a title follows, on the line or on the next one
    r"""^\W*(?:
    (?:baca|simak|lihat|tonton|saksikan|cek|dengarkan|klik)\W{0,3}\s*(?:juga|selanjutnya|selengkapnya|pula)\b
    |(?:baca|simak|lihat|tonton)\s*[:;]
    |baca\s+(?:berita|artikel)\s+(?:lainnya|terkait|selengkapnya|selanjutnya|menarik)\b
    |(?:jangan|tak\s+boleh|pantang)\s+(?:lewatkan|dilewatkan|sampai\s+ketinggalan|ketinggalan)\b
    |(?:berita|artikel)\s+(?:terkait|lainnya|lain|selanjutnya|sebelumnya|menarik\s+lainnya)\s*[:\-–—]
    |(?:terkait|also\s+read|read\s+also|read\s+more|related)\s*:
    |pilihan\s+(?:editor|redaksi)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
WEAK_LINKS = re.compile(  # the same words may begin a sentence: a full stop tells
    r"^\W*(?:baca|simak|lihat|tonton|saksikan|cek|klik)\s+(?:lainnya|lagi|berita|artikel|video|foto|live|siaran|langsung)\b",
    re.IGNORECASE,
)
LINK_ALONE = re.compile(  # such a line holds no title: the next line does
    r"^\W*(?:(?:baca|simak|lihat|tonton)\W{0,3}\s*"
    r"(?:juga|selanjutnya|selengkapnya|pula|lainnya|berita|artikel)?"
    r"(?:\s+(?:berita|artikel|lainnya|ini))?|jangan lewatkan|(?:berita|artikel) terkait"
    r"|pilihan (?:editor|redaksi))\W*$",
    re.IGNORECASE,
)
PROMOTIONS = re.compile(
    r"""^(?:
    (?:cek|ikuti|dapatkan|simak|baca|temukan|update|follow|gabung|bergabung|yuk|ayo|mari|nikmati|jadilah|download|unduh|langganan|berlangganan|pantau|klik|kunjungi|subscribe|join)\b
      .{0,160}\b(?:google\s*news|news\s+google|whats?\s?app\s+(?:channel|grup|group)|(?:channel|saluran|kanal|grup|group)\s+(?:whats?\s?app|telegram|wa)\b|newsletter|play\s?store)
    |(?:cek|ikuti|dapatkan|simak|baca|temukan|update|follow|download|unduh|pantau|nikmati)\b.{0,60}\b(?:berita|artikel|informasi|info|update|kabar|konten|kami)\b
      .{0,120}\b(?:facebook|instagram|twitter|tiktok|threads|youtube|aplikasi|apps?|channel|kanal|saluran|whats?\s?app|telegram|google|medsos|media\s+sosial|di\s?sini|link|tautan)\b
    |artikel\s+ini\s+(?:telah|sudah|pernah|pertama|juga|diolah|dibuat|ditulis)\b
    |berita\s+ini\s+(?:telah|sudah)\s+(?:tayang|terbit|dimuat)\b
    |(?:klik|tap)\s+(?:di\s?sini|gambar|link|tautan|untuk)\b
    |\*?\s*(?:benar\s+atau\s+hoaks|fakta\s+atau\s+hoaks)
    |saksikan\s.{0,60}(?:video|live|berikut|di\s?bawah|streaming|pilihan)
    |(?:video|foto|galeri)\s+pilihan
    |anda\s+(?:juga\s+)?(?:bisa|dapat)\s+(?:membaca|menyimak|mengikuti).{0,120}(?:google|whats|channel|tautan|link)
    |(?:google\s*news|whats?\s?app\s+channel|saluran\s+whats?\s?app)\b
    |(?:a\s+post\s+shared\s+by|(?:sebuah\s+)?kiriman\s+(?:yang\s+)?dibagikan|(?:view|lihat)\s+(?:this\s+post|postingan\s+ini))\b
    |(?:ingatlah|mohon|harap|silakan|silahkan)\s.{0,60}\bkomentar\b
    |copyright\b|©|hak\s+cipta\s+dilindungi|all\s+rights?\s+reserved
    |dilarang\s+(?:keras\s+)?(?:mengambil|mengutip|menyalin|memperbanyak)
    |simak\s+(?:breaking|berita\s+(?:pilihan|terbaru|menarik)|informasi\s+(?:lainnya|menarik))
    )""",
    re.VERBOSE | re.IGNORECASE,
)
MARKS = re.compile(
    r"""^(?:
    scroll\s+(?:to|untuk|ke|down)\b.*
    |gulir\s+(?:untuk|ke)\b.*
    |(?:advertisement|advertorial|iklan|sponsored|sponsor|adsense|ads?|promoted)(?:\s+\d)?
    |(?:lanjut(?:kan)?|melanjutkan)\s+(?:membaca|ke\s+konten).*
    |continue\s+(?:reading|with).*
    |sebar(?:kan|luaskan)?\s+(?:artikel|berita)\s+ini.*
    |bagikan(?:\s+(?:artikel|berita|ke|di|ini|via|melalui).*)?|share(?:\s+(?:this|on|to|artikel|berita|via|now|link).*)?|shares?|tweet|pin|kirim|salin\s+tautan|copy\s+link|komentar|comments?|print|cetak|simpan|bookmark
    |bagikan\s*:|share\s*:
    |tinggalkan\s+(?:balasan|komentar).*|leave\s+a\s+(?:reply|comment).*|beri\s+komentar.*|tulis\s+komentar.*
    |post\s+views\b.*|dibaca\s*:?\s*[\d.,]+.*|dilihat\s*:?\s*[\d.,]+.*|[\d.,]+\s*(?:x\s+)?(?:views?|kali\s+(?:dibaca|dilihat)|dibaca|pembaca|shares?|komentar|comments?)
    |\d[\d\s]*(?:laman|halaman)\s+(?:berikutnya|selanjutnya).*
    |(?:halaman|laman|page|hal)\b[\s:\d/]*(?:(?:dari|of)\b[\s\d]*)?(?:(?:berikut|selanjut)nya|tampilkan\s+semua|semua|all|next)?
    |(?:tampilkan|lihat|show)\s+(?:semua|all)
    |(?:selanjutnya|sebelumnya|berikutnya|next|prev(?:ious)?|selengkapnya)\s*[:»›>]*
    |(?:tags?|label|topik(?:\s+(?:terkait|terpopuler))?|kata\s+kunci|keywords?)\s*[:#].*|tags?|topik(?:\s+terkait)?
    |(?:\#\s?[\w-]+\s*){1,30}
    |(?:reporter|penulis|editor|pewarta|sumber|foto|redaksi)\s*:?
    |(?:font|ukuran)\s+(?:size|huruf|font).*|a[+-]+\s*a?[+-]*|perbesar|perkecil
    |(?:whats?\s?app|facebook|twitter|telegram|instagram|line|email|linkedin|pinterest|threads|x)(?:[\s.,|/•-]{1,5}(?:whats?\s?app|facebook|twitter|telegram|instagram|line|email|linkedin|pinterest|threads|x))*
    |loading\W*|memuat\W*
    |(?:filed\s+under|posted\s+(?:in|by|on)|tagged|ditulis\s+oleh|diposting\s+oleh|kategori)\b.{0,80}
    |\d{1,3}\s*/\s*\d{1,3}|\d{1,3}
    |konten\s+(?:ini\s+)?(?:berbayar|premium|khusus\s+pelanggan).*
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
ENDS = re.compile(  # what follows is never the story
    r"""^\W*(?:
    (?:berita|artikel|konten|posts?|baca)\s*-?\s*(?:terkait|lainnya|populer|terpopuler|terbaru|terkini|rekomendasi|pilihan|serupa|sebelumnya|selanjutnya)
    |bacaan\s+lainnya|baca\s+artikel\s+lainnya|related\s+(?:posts?|articles?|news|stories)|you\s+may\s+(?:also\s+)?like|rekomendasi(?:\s+(?:untuk\s+anda|berita|lainnya))?
    |terpopuler|trending|popular\s+posts?|terkini(?:\s+lainnya)?|berita\s+pilihan|pilihan\s+untukmu|anda\s+mungkin\s+(?:suka|tertarik).*
    |tinggalkan\s+(?:balasan|komentar).*|leave\s+a\s+(?:reply|comment).*|\d*\s*komentar|tulis\s+komentar.*|kirim\s+komentar.*|beri\s+komentar.*
    |tentang\s+(?:penulis|kami)|about\s+the\s+author|navigasi\s+(?:pos|tulisan)|post\s+navigation
    )\W*$""",
    re.VERBOSE | re.IGNORECASE,
)
CREDIT = re.compile(
    r"^\W*laporan\s+(?:wartawan|reporter|jurnalis|kontributor)\b|^\W*(?:pewarta(?:\s+foto)?|reporter|penulis|laporan|kontributor|wartawan|jurnalis|editor|redaktur|penyunting|uploader|sumber(?:\s+(?:berita|foto|gambar))?|foto|fotografer|photo|author|oleh|copy\s?editor|publisher|penerjemah|teks|video)\s*(?:/\s*\w+\s*)?[:|]\s*(?!https?:)\S",
    re.IGNORECASE,
)
CAPTION = re.compile(
    r"^\W*(?:\(?(?:foto|dok|ilustrasi|keterangan\s+(?:foto|gambar)|ket\.?\s*foto|caption|photo)\s*[.:/]|ilustrasi\b.{0,80}$)"
    r"|\((?:foto|dok|ist|istimewa|photo|ilustrasi|antara\s?(?:foto|/)|doc)\b[^()]{0,80}\)\W*$"
    r"|-{2,}\s*[\w/() ]{0,25}$"
    r"|\b(?:foto|photo)\s*[:/]\s*[^.]{1,60}$|\b(?:dok|doc)[.:]\s?[A-Z][^.]{1,50}$|\s©\s?\w.{0,60}$",
    re.IGNORECASE,
)
SOURCED = re.compile(r"\(sumber\b[^()]{0,80}\)\W*$", re.IGNORECASE)  # a short one is a caption
SUMMARY = re.compile(
    r"^\W*(?:ringkasan|rangkuman|intisari|poin(?:-poin)?\s+(?:penting|utama))(?:\s+(?:berita|artikel|utama))?\W*$",
    re.IGNORECASE,
)
STOP = re.compile(r"""[.!?…]["'”’)\]]*\s*$""")
QUOTES = "\"'“‘«"
DATELINE_DASHES = re.compile(r"^[^.!?]{2,80}(?:\([^()]{2,40}\)|\d{4})\s*-{2,}\s*$")
GLUED = re.compile(r"\s*\(?\b(?:BACA JUGA|Baca Juga|Baca juga)\s?:.*$")
CAPTION_LENGTH = 400
EDGES = " \t!\"$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’–—•»«›‹…►▶→·✓▪■●"  # what may stand around a mark


def is_link_line(text: str) -> bool:
    """Tell a line that sends the reader to another story."""
    if len(text) >= 300:
        return False
    if LINKS.search(text):
        return not (text[:1] in QUOTES and STOP.search(text))
    return WEAK_LINKS.search(text) is not None and not STOP.search(text)


def is_link_label(text: str) -> bool:
    """Tell a line that announces another story's title on the next line."""
    return len(text) < 60 and LINK_ALONE.search(text) is not None


def is_noise(text: str) -> bool:
    """Tell promotions, advertisement marks, share bars, pagers, counters and tags."""
    if len(text) > 400:
        return False
    bare = text.strip(EDGES)
    if text[:1] in QUOTES and STOP.search(text):
        return False  # somebody speaks
    return not bare or MARKS.match(bare) is not None or PROMOTIONS.match(bare) is not None


def ends_story(text: str) -> bool:
    """Tell the heading after which nothing belongs to the story."""
    return len(text) < 60 and ENDS.search(text) is not None


def is_credit(text: str) -> bool:
    """Tell a line that names reporter, editor or origin."""
    return len(text) < 200 and CREDIT.search(text) is not None


def is_caption(text: str) -> bool:
    """Tell a photo's caption by its marks; a dateline may end in dashes too."""
    if DATELINE_DASHES.search(text):
        return False
    if len(text) < 200 and SOURCED.search(text):
        return True
    return len(text) <= CAPTION_LENGTH and CAPTION.search(text) is not None


def is_summary_label(text: str) -> bool:
    """Tell the heading of a box that sums the story up before it begins."""
    return len(text) < 40 and SUMMARY.search(text) is not None


def is_echo(text: str, title: str) -> bool:
    """Tell a line that only repeats the title, with or without dashes."""
    return fold(text.strip(" -–—.*|")) == fold(title.strip(" -–—.*|"))


def without_glued(text: str) -> str:
    """Cut a link line that stands glued to the end of a paragraph."""
    match = GLUED.search(text)
    return text[: match.start()] if match and match.start() > 40 else text
