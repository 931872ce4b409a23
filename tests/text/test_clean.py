"""Cleaning takes what pages print around an article, and nothing of the article."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.text.clean import clean_text
from rag.text.noise import LINE_RULES
from rag.text.sentences import split_sentences

SHARED = Path(__file__).parents[3] / "shared"

FIRST = "Pemerintah kota membuka jembatan baru pada Senin pagi setelah dua tahun pembangunan."
SECOND = "Wali kota mengatakan jembatan itu memperpendek perjalanan warga ke pasar utama."
THIRD = "Warga menyambut gembira pembukaan itu dan berharap jalan di sekitarnya segera diperbaiki."


def page(*lines: str) -> str:
    return "\n\n".join(("Jembatan Baru Dibuka untuk Umum", *lines))


NOISE_LINES = [
    "Iklan · Gulir untuk melanjutkan",
    "Iklan · Gulir ke bawah untuk meneruskan membaca",
    "ADVERTISEMENT",
    "[ADVERTISEMENT]",
    "SCROLL TO CONTINUE WITH CONTENT",
    "Baca Juga : Pasar Utama Direnovasi Tahun Depan",
    "Baca juga: Tiga Jembatan Tertua di Kota",
    "BACA JUGA: Wali Kota Resmikan Taman",
    "Baca Juga Pasar Utama Direnovasi Tahun Depan",
    "Lihat juga: Tiga Jembatan Tertua di Kota",
    "Simak Video: Detik-detik Pembukaan Jembatan",
    "Simak juga Video 'Detik-detik Pembukaan Jembatan'",
    "[Gambas:Video Berita]",
    "Gambas:Video",
    "Also read: Ten bridges to see before winter",
    "Read more: Ten bridges to see before winter",
    "Bagikan",
    "Bagikan artikel ini melalui",
    "Share this article:",
    "Share on Facebook",
    "Facebook Twitter WhatsApp Copy Link",
    "Bagikan: Facebook | X | WhatsApp | Salin tautan",
    "Copy link",
    "Salin Artikel",
    "Follow us on Google News",
    "Cek berita dan artikel yang lain di Google News",
    "Ikuti saluran WhatsApp kami untuk kabar terbaru setiap hari",
    "Dapatkan update berita pilihan dan breaking news setiap hari. Mari gabung di grup Telegram.",
    "Dapatkan berita pilihan langsung di surel Anda. Daftar gratis!",
    "Subscribe to our newsletter",
    "Sign up for our newsletter",
    "Baca berita tanpa iklan. Gabung sekarang",
    "We use cookies to improve your experience. By continuing you agree.",
    "Situs ini menggunakan cookie untuk meningkatkan layanan.",
    "© 2024 Berita Contoh. All rights reserved",
    "Copyright 2024 Berita Contoh",
    "Hak Cipta © 2021 Berita Contoh. Seluruh hak dilindungi.",
    "Halaman selanjutnya",
    "Next page",
    "Halaman: 1 2 3",
    "0 Komentar",
    "Kirim Komentar",
    "Leave a Reply",
    "Your email address will not be published. Required fields are marked *",
    "Tinggalkan Balasan",
    "Alamat email Anda tidak akan dipublikasikan. Ruas yang wajib ditandai *",
    "https://berita.example/2024/01/20/jembatan-baru",
    "Sumber: https://berita.example/jembatan",
    "#jembatan #kota #berita",
    "Beranda > Nasional > Daerah",
    "3 menit baca",
    "Dibaca 1.234 kali",
    "* * *",
]


@pytest.mark.parametrize("line", NOISE_LINES)
def test_a_noise_line_between_paragraphs_goes(line: str) -> None:
    assert clean_text(page(FIRST, SECOND, line, THIRD)) == page(FIRST, SECOND, THIRD)


@pytest.mark.parametrize("line", NOISE_LINES)
def test_a_noise_line_after_the_article_goes(line: str) -> None:
    assert clean_text(page(FIRST, SECOND, THIRD, line)) == page(FIRST, SECOND, THIRD)


@pytest.mark.parametrize(
    "line",
    [
        "Iklan rokok di dekat sekolah dilarang mulai tahun depan, kata wali kota.",
        "Baca juga buku panduan itu sebelum menyeberang, kata petugas.",
        "Bagikan makanan kepada warga yang membutuhkan, pesan wali kota.",
        "Komentar wali kota itu menuai kritik dari warga.",
        "Facebook dan WhatsApp sempat tidak dapat diakses pada hari itu.",
        "Ikuti terus perkembangan jembatan itu, ujar wali kota.",
        "Copyright law was changed in 2021 to protect bridges, the mayor said.",
        "Hak cipta atas lagu itu didaftarkan pada 2019.",
        "Topik utama pertemuan itu adalah jembatan.",
        "Tags were attached to every bridge, the mayor said.",
        "Penulis itu menerima penghargaan dari wali kota.",
        "Situs itu beralamat di https://kota.example dan dapat dibuka warga.",
        "Tanggapan Warga",
        "Ad-hoc committee formed",
        "Baca-tulis diajarkan di sana",
        "By land and by sea, people came to see it.",
        "“We use cookies as bait,” said the fisherman.",
        "Sumber: Dinas Pekerjaan Umum",
        "• Facebook",
        "Total: 19 Januari 2024",
    ],
)
def test_a_line_that_only_resembles_noise_stays(line: str) -> None:
    assert clean_text(page(FIRST, SECOND, line, THIRD)) == page(FIRST, SECOND, line, THIRD)


def test_a_list_of_services_is_no_row_of_share_buttons() -> None:
    text = page(FIRST, "Aplikasi yang diblokir:\nFacebook\nWhatsApp\nTelegram", SECOND)
    assert clean_text(text) == text


def test_a_comment_form_goes_with_its_fields() -> None:
    form = ("Tinggalkan Balasan", "Komentar *", "Nama *", "Email *", "Situs Web", "Kirim")
    assert clean_text(page(FIRST, SECOND, *form)) == page(FIRST, SECOND)


def test_a_labelled_list_of_headlines_goes_with_its_categories() -> None:
    others = ("Berita Terkait", "Pameran Foto Dibuka", "Nasional", "Jalur Ditutup?", "Daerah")
    assert clean_text(page(FIRST, SECOND, *others)) == page(FIRST, SECOND)


def test_headlines_right_after_a_label_go_and_the_article_goes_on() -> None:
    text = page(FIRST, "BACA JUGA\nPasar Utama Direnovasi\nTaman Kota Diresmikan", SECOND)
    assert clean_text(text) == page(FIRST, SECOND)


def test_a_title_under_the_name_of_its_section_stays() -> None:
    assert clean_text(f"Berita Terkini\n\nJembatan Dibuka\n\n{FIRST}") == (
        f"Jembatan Dibuka\n\n{FIRST}"
    )


def test_an_unlabelled_list_of_repeated_headlines_after_the_article_goes() -> None:
    headlines = ["Harga Cabai Turun", "Klub Buka Seleksi", "Spesies Katak Ditemukan"]
    trailing = [line for headline in headlines for line in (headline, headline, "Nasional")]
    assert clean_text(page(FIRST, SECOND, *trailing)) == page(FIRST, SECOND)


def test_a_list_at_the_end_of_the_article_stays() -> None:
    text = page(FIRST, "Wali kota berjanji:\n• jalan baru\n• taman baru\n• pasar baru")
    assert clean_text(text) == text


def test_a_repeated_title_is_kept_once() -> None:
    title = "Jembatan Baru Dibuka untuk Umum"
    assert clean_text(f"{title}\n\n{title}\n\n{FIRST}\n\n{title}") == f"{title}\n\n{FIRST}"
    assert clean_text(f"{title} - Berita Contoh\n\n{title}\n\n{FIRST}") == f"{title}\n\n{FIRST}"
    assert clean_text(f"{title}\n\n{title} | Berita Contoh\n\n{FIRST}") == f"{title}\n\n{FIRST}"


def test_a_repeated_paragraph_is_kept_once() -> None:
    assert clean_text(page(FIRST, SECOND, FIRST, THIRD)) == page(FIRST, SECOND, THIRD)


@pytest.mark.parametrize("byline", ["Editor: Budi Santoso", "Oleh Redaksi Kota", "By Jane Doe"])
def test_bylines_at_the_edges_go(byline: str) -> None:
    assert clean_text(page(byline, FIRST, SECOND)) == page(FIRST, SECOND)
    assert clean_text(page(FIRST, SECOND, byline)) == page(FIRST, SECOND)


@pytest.mark.parametrize("initials", ["(abc/def)", "(Budi/berita.example)", "(FG)", "[abc]"])
def test_initials_after_the_last_sentence_go(initials: str) -> None:
    assert clean_text(page(FIRST, f"{SECOND} {initials}")) == page(FIRST, SECOND)
    assert clean_text(page(FIRST, SECOND, initials)) == page(FIRST, SECOND)


def test_noise_inside_a_paragraph_goes() -> None:
    assert clean_text(f"{FIRST} ADVERTISEMENT SCROLL TO CONTINUE WITH CONTENT {SECOND}") == (
        f"{FIRST} {SECOND}"
    )
    assert clean_text(f"{FIRST} [Gambas:Video Contoh] {SECOND}") == f"{FIRST} {SECOND}"
    assert clean_text(f"{FIRST} Baca juga: Pasar Utama Direnovasi") == FIRST


def test_characters_are_brought_to_one_form() -> None:
    raw = (
        "\ufeffSatu\u00a0dua\u200b ti\u00adga\r\n\r\n\r\n\tCafe\u0301 &quot;A&quot; &amp; B  C\r\n"
    )
    assert clean_text(raw) == 'Satu dua tiga\n\nCafé "A" & B C'


def test_markup_in_the_text_is_left_as_text() -> None:
    assert clean_text("Tulis <b>tebal</b> &lt;i&gt; di sini.") == (
        "Tulis <b>tebal</b> &lt;i&gt; di sini."
    )


def test_lines_broken_at_a_fixed_width_are_joined() -> None:
    wrapped = (
        "Pemerintah kota membuka jembatan baru pada\n"
        "Senin pagi setelah dua tahun pembangunan yang\n"
        "Menelan biaya besar. Wali kota mengatakan\n"
        "jembatan itu memperpendek perjalanan warga ke\n"
        "Pasar Utama dan Terminal Lama serta membuka\n"
        "lapangan kerja bagi banyak orang di sekitar\n"
        "sungai. Warga menyambut gembira pembukaan itu\n"
        "dan berharap jalan segera diperbaiki."
    )
    assert clean_text(wrapped) == wrapped.replace("\n", " ")


def test_a_page_of_noise_alone_leaves_nothing() -> None:
    assert clean_text("Bagikan\n\nFacebook\n\nIklan\n\nLeave a Reply") == ""
    assert clean_text("") == clean_text(" \n\t\n") == ""


_PIECES = st.sampled_from(
    [
        FIRST,
        SECOND,
        THIRD,
        "Judul Pendek",
        "Nasional",
        "Oke",
        "Terkini Lainnya",
        "• satu",
        "",
        "a",
        "Berisi:",
        "Editor: X",
        "(abc)",
        "&amp;nbsp;",
        "Jembatan Baru - Situs",
        *NOISE_LINES,
    ]
)


@settings(max_examples=200)
@given(st.lists(_PIECES, max_size=25).map("\n".join) | st.text(max_size=200))
def test_cleaning_a_clean_text_changes_nothing(raw: str) -> None:
    cleaned = clean_text(raw)
    assert clean_text(cleaned) == cleaned


@given(st.permutations([FIRST, SECOND, THIRD]), st.lists(st.sampled_from(NOISE_LINES), max_size=8))
def test_paragraphs_survive_whatever_noise_surrounds_them(
    paragraphs: list[str], noise: list[str]
) -> None:
    half = len(noise) // 2
    cleaned = clean_text("\n".join([*noise[:half], *paragraphs, *noise[half:]]))
    assert all(paragraph in cleaned for paragraph in paragraphs)


@pytest.mark.parametrize(
    "raw",
    [
        "." * 50_000,
        "a " * 50_000,
        "\n" * 50_000,
        '."' * 20_000,
        "Baca juga\n" * 5_000,
        "Editor: x\n" * 5_000,
        "a. " + "(abc) " * 5_000,
        "&" + "amp;" * 10_000,
        "Home > " * 10_000,
        "(a/" * 10_000,
    ],
    ids=lambda raw: repr(raw[:8]),
)
def test_hostile_repetition_is_cleaned_without_delay(raw: str) -> None:
    cleaned = clean_text(raw)
    assert clean_text(cleaned) == cleaned
    assert split_sentences(raw) is not None


def test_every_rule_says_why() -> None:
    assert all(rule.reason for rule in LINE_RULES)


@pytest.mark.skipif(not (SHARED / "articles").is_dir(), reason="the source articles are not here")
def test_source_articles_lose_their_noise_and_keep_their_evidence() -> None:
    cleaned = {
        path.name[:3]: clean_text(path.read_text()) for path in (SHARED / "articles").iterdir()
    }
    whole = "\n".join(cleaned.values())
    lines = (SHARED / "data" / "questions_dev.jsonl").read_text().splitlines()
    for question in map(json.loads, lines):
        for evidence in question["evidence"]:
            assert any(evidence in cleaned[name] for name in question["documents"])
    for noise in ("Iklan", "iklan", "Baca Juga", "Reply", "Terkini", "Global\n", "Oke", "https:"):
        assert noise not in whole


@pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="the encyclopedia passages are not here")
def test_encyclopedia_prose_is_not_lost() -> None:
    lines = (SHARED / "data" / "passages.jsonl").read_text().splitlines()[:1000]
    texts = [json.loads(line)["text"] for line in lines]
    before = sum(len("".join(text.split())) for text in texts)
    after = sum(len("".join(clean_text(text).split())) for text in texts)
    assert before - after < 0.001 * before
