"""Where sentences end, and where they only seem to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


# A bar marks each border; the text is what stands without the bars.
@pytest.mark.parametrize(
    "marked",
    [
        "Ia tiba. |Ia pergi.",
        "Dr. H. Ahmad, S.H., M.Si. memimpin rapat. |Rapat selesai.",
        "Prof. B.J. Habibie lahir di Parepare. |Ia wafat di Jakarta.",
        "Kantornya di Jl. Sudirman No. 5, Jakarta. |Gedungnya baru.",
        "Mereka membawa beras, gula, dsb. ke desa. |Warga senang.",
        "Hadir Budi, Tono, dkk. |Mereka pulang sore.",
        "Harga naik 3,5 persen menjadi Rp 10.000 per kg. |Harga lain tetap.",
        "Pada Jumat (19/1/2024), ia berbicara. |Lalu ia pulang.",
        "Kontak itu terjadi pada tgl. 19 Januari. |Tidak ada korban.",
        "Situs Berita.com melaporkan hal itu. |Lihat www.contoh.co.id/a.b untuk rincian.",
        "“Kami siap,” katanya. |“Kami menunggu.”",
        "Ia berkata: “Kami siap.” |Lalu ia diam.",
        "“Siapa dia?” tanya hakim. |Saksi diam.",
        "“Berhenti!” teriaknya.",
        "Kerja sama itu penting.” |Diplomat lain setuju.",
        "Mr. Smith met the U.S. President at 5 p.m. on Jan. 19. |He left at once.",
        "She lives in the U.S. |She works there.",
        "It cost $3.5 million. |Nobody paid.",
        "Apple Inc. and others rose. |Bonds fell.",
        "See No. 5 and e.g. this one. |It is new.",
        "Ia menunggu... |Tidak ada yang datang.",
        "Kalimat ini selesai.|Kalimat ini menempel.",
        "Kota itu berdiri pada 1293.[1] |Kini penduduknya banyak.[2][3]",
        "Kota itu berdiri pada 1293. [1] |Kini penduduknya banyak.",
        "Presiden John F. Kennedy dan P. J. Verstraelen hadir. |Mgr. Leo datang.",
        "Film Oh Tidak! (2013) laris. |Film lain tidak.",
        "1. Penguatan dagang",
        "Luasnya 10.000 km2. |Penduduknya 3 juta.",
        "Judul Tanpa Titik\n|Kalimat pertama. |Kalimat kedua.",
        "Mereka membahas:\n|• dagang\n|• energi\n|- listrik\n|1. transit\n|Rapat selesai.",
        "• satu |• dua |• tiga",
        "Baris ini terpotong di\ntengah kalimat. |Baris baru.",
    ],
)
def test_sentences_end_where_the_bars_stand(marked: str) -> None:
    expected = [part.strip() for part in marked.split("|")]
    assert sentences(marked.replace("|", "")) == expected


@given(st.text(alphabet=st.sampled_from('aB1 .!?…\n"”“()[]•-–,:/Dr'), max_size=80) | st.text())
def test_every_visible_character_lies_in_exactly_one_stripped_sentence(text: str) -> None:
    spans = split_sentences(text)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
