"""Facts of the passage that the claim ties to something else."""

import pytest

from rag.types import Language
from tests.answer.test_verdict import verdict


@pytest.mark.parametrize(
    ("claim", "text", "problem"),
    [
        (
            "Three schools were closed.",
            "Dua sekolah ditutup. Tiga jembatan runtuh.",
            "number",
        ),
        (
            "The minister arrived on Tuesday evening.",
            "Menteri itu tiba pada Selasa pagi.",
            "date",
        ),
        (
            "The talks were opened last month.",
            "Perundingan dibuka di Doha tahun lalu.",
            "date",
        ),
        (
            "Nepal closed the border in early March.",
            "Nepal menutup perbatasan pada akhir Maret.",
            "date",
        ),
        (
            "Lestari's meeting with Santoso took place in Surabaya.",
            "Pertemuan Lestari dengan Santoso berlangsung di Bandung. Hujan turun. "
            "Lestari berasal dari Surabaya.",
            "name",
        ),
        (
            "The deadline stems from an agreement between India and Nepal.",
            "Batas waktu itu tercantum dalam perjanjian antara India dan Bhutan. Nepal diam.",
            "name",
        ),
        (
            "It was Hendra Wijaya who led the emergency session of the council.",
            "Rapat darurat dewan itu dipimpin Lukman Sartono. Hujan turun. Hendra Wijaya pulang.",
            "name",
        ),
    ],
)
def test_what_the_passage_ties_to_another_is_found(claim: str, text: str, problem: str) -> None:
    judged = verdict(claim, text)
    assert (judged.support, judged.problem) == ("unsupported", problem)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Two schools were closed.", "Dua sekolah ditutup. Tiga jembatan runtuh."),
        ("The minister arrived on Tuesday evening.", "Menteri itu tiba pada Selasa malam."),
        ("The minister arrived on Tuesday evening.", "Menteri itu tiba pada Selasa sore."),
        (
            "The meeting of Lestari and Santoso took place in Indonesia.",
            "Pertemuan Lestari dan Santoso berlangsung di Jakarta, ibu kota Indonesia.",
        ),
        (
            "The agreement was signed between Delhi and Kathmandu.",
            "Perjanjian itu diteken antara India dan Nepal.",
        ),
    ],
)
def test_the_same_fact_in_other_words_is_not_replaced(claim: str, text: str) -> None:
    assert verdict(claim, text).support in ("supported", "partial")


@pytest.mark.parametrize(
    ("claim", "language"),
    [
        ("Lukman Sartono menjabat panglima militer Nepal.", "id"),
        ("Lukman Sartono is the military commander of Nepal.", "en"),
    ],
)
def test_a_post_that_another_person_holds_is_not_given_away(claim: str, language: Language) -> None:
    text = (
        "Ia menemui Perdana Menteri Nepal Lukman Sartono, Jenderal Hendra Wijaya selaku panglima "
        "militer Nepal, serta para pejabat."
    )
    judged = verdict(claim, text, language)
    assert (judged.support, judged.problem) == ("unsupported", "role")
    held = claim.replace("Lukman Sartono", "Hendra Wijaya")
    assert verdict(held, text, language).support != "unsupported"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The land is unlimited.", "Lahan itu tidak terbatas."),
        ("The area is less stable.", "Kawasan itu semakin tidak stabil."),
        ("Nepal told reporters a different story.", "Nepal memberi keterangan yang berbeda."),
    ],
)
def test_a_denial_inside_a_word_is_a_denial(claim: str, text: str) -> None:
    assert verdict(claim, text).problem != "negation"


def test_unwilling_is_not_told_by_willing() -> None:
    assert verdict("Nepal is unwilling to pay.", "Nepal bersedia membayar.").problem == "negation"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Inferential statistics goes further.", "Statistika inferensial melangkah lebih jauh."),
        ("Anacondas are snakes that live in water.", "Anakonda adalah ular yang hidup di air."),
        ("Neptune is farther away.", "Neptunus lebih jauh."),
        ("The city has existed since 753 BC.", "Kota itu berdiri sejak 753 SM."),
        ("NATO's members agreed.", "Para anggota NATO sepakat."),
        ("Tit-for-tat attacks angered India.", "Serangan balasan membuat India marah."),
    ],
)
def test_what_is_no_name_or_spelt_otherwise_is_not_missed(claim: str, text: str) -> None:
    assert verdict(claim, text).problem != "name"


def test_consonants_alone_do_not_make_one_name_of_two() -> None:
    text = "Menteri Qureshi berada di Islamabad."
    assert verdict("The minister is in Karachi.", text).problem == "name"
