"""Facts of the passage that the claim ties to something else."""

import pytest

from rag.answer.claims import Evidence, read_claim
from rag.answer.verdict import judge
from rag.types import Language
from tests.answer.test_verdict import LEXICON, document, verdict


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
        (
            "The council's emergency session was chaired by Hendra Wijaya.",
            "Hendra Wijaya menjelaskan hasil sidang darurat dewan itu. Sidang darurat dewan "
            "dipimpin Ketua Lukman Sartono.",
            "role",
        ),
        ("Violence in the north is decreasing.", "Kekerasan di utara terus meningkat.", "negation"),
        (
            "Nepal said that it wished to widen the conflict.",
            "Nepal menegaskan tidak punya minat ataupun keinginan memperluas konflik.",
            "negation",
        ),
        (
            "Nepal closed the schools, and India hit back with a border closure.",
            "India menutup perbatasan. Sehari kemudian Nepal membalas dengan menutup sekolah.",
            "role",
        ),
        (
            "Lestari said that India's embassy announced visa rules.",
            "India diam. Hujan turun. Menurut Lestari, kedutaan Nepal mengumumkan aturan visa.",
            "name",
        ),
        (
            "Lestari turned down the invitation to work together.",
            "Lestari menyambut ajakan untuk bekerja sama.",
            "negation",
        ),
        (
            "The council is a body from which the farmers were left out.",
            "Dewan itu merupakan badan yang mengikutsertakan para petani.",
            "negation",
        ),
        ("The talks were opened in Istanbul.", "Perundingan dibuka di Doha.", "name"),
        ("The bridge was opened in 2021.", "Jembatan itu dibuka tahun lalu.", "date"),
        ("The show begins at 5 am.", "Pertunjukan dimulai pukul 5 sore.", "number"),
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
        (
            "India closed the border, and a day later Nepal hit back.",
            "India menutup perbatasan. Sehari kemudian Nepal membalas dengan menutup sekolah.",
        ),
        (
            "Schools were closed in Nepal's retaliation.",
            "India menutup perbatasan. Dalam serangan balasan Nepal, sekolah ditutup.",
        ),
        (
            "The council's session was chaired by Nepal's interim minister, Lukman Sartono.",
            "Sidang dewan itu dipimpin Lukman Sartono, menteri sementara Nepal.",
        ),
        (
            "Lestari thanked not only the people but also the council.",
            "Lestari berterima kasih kepada rakyat, juga kepada dewan.",
        ),
        ("The province is not yet developed.", "Provinsi itu masih tertinggal."),
        (
            "One outcome of the session is that farmers will be paid.",
            "Dua sidang diadakan. Hasil sidang itu: petani akan dibayar.",
        ),
        ("Most farmers follow Shia Islam.", "Sebagian besar petani menganut Syiah."),
        ("The bridge was opened in 2023.", "Jembatan itu dibuka tahun lalu."),
        ("The bridge was opened in 2021.", "Jembatan itu dibuka tiga tahun lalu."),
        ("The bridge was opened in December 2023.", "Jembatan itu dibuka bulan lalu."),
        ("The show begins at 5 pm.", "Pertunjukan dimulai pukul 5 sore."),
        ("The association held its sixth congress.", "Perhimpunan itu mengadakan Kongres VI."),
        (
            "The Nepali envoys thanked India's teachers and their pupils.",
            "Utusan Nepal berterima kasih kepada para guru India serta murid mereka.",
        ),
        (
            "For Lestari, drought is an enemy that Nepal and India face together.",
            "Nepal dan India berunding. Lestari menyebut kekeringan sebagai musuh bersama kedua "
            "negara.",
        ),
        (
            "He brought a special message from Surya Gurung for the people of Nepal.",
            "Lestari datang membawa pesan khusus bagi rakyat Nepal dari Surya Gurung.",
        ),
        (
            "The Nepali envoys received thanks from Lestari.",
            "Lestari mengucapkan terima kasih kepada utusan Nepal.",
        ),
        (
            "He will meet Gen. Surya Gurung, the military chief.",
            "Ia akan menemui Jenderal Surya Gurung selaku panglima militer.",
        ),
        ("Rainfall decreases while floods increase.", "Curah hujan menurun. Banjir meningkat."),
        (
            "Santoso is a teacher who lives in the old Bukit Lawang hall.",
            "Santoso adalah guru yang tinggal di balai lama Bukit Lawang.",
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


ARTICLE = (
    "Menteri Perdagangan Nepal Bishnu Ali Gurung tiba di Delhi. Ia disambut tuan rumah. "
    "Hari itu cerah.\n\n"
    "Menurut dia, perdagangan kedua negara perlu diperluas. Pabrik baru, ujarnya, akan dibuka."
)


@pytest.mark.parametrize(
    "claim",
    [
        "Bishnu Ali Gurung said that a new factory would be opened.",
        "Gurung said that trade with Nepal should be expanded.",
        "Nepal's trade minister said that a new factory would be opened.",
    ],
)
def test_a_passage_may_name_its_people_elsewhere_in_the_article(claim: str) -> None:
    whole = document(ARTICLE)
    evidence = Evidence(whole, ARTICLE.index("Menurut dia"), len(ARTICLE), LEXICON)
    judged = judge(read_claim(claim, "en", LEXICON), evidence)
    assert judged.support in ("supported", "partial"), judged


def test_another_first_name_is_another_person() -> None:
    whole = document(ARTICLE)
    evidence = Evidence(whole, ARTICLE.index("Menurut dia"), len(ARTICLE), LEXICON)
    claim = read_claim("Dinesh Gurung said that a factory would be opened.", "en", LEXICON)
    assert judge(claim, evidence).problem == "name"
