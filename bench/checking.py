"""Measure the check of written answers: verdicts on rows that people judged.

    python bench/checking.py [--errors] [--no-encoder] [--translated N]

Prints a confusion table, precision and recall of `unsupported`, and a breakdown by kind of error:
for the rows with which the rules and thresholds were made (tests/data/verdicts.jsonl), and for
those that were written without sight of the rules and judged once (verdicts_held_back.jsonl). The
latter are the estimate for text that nobody has looked at. Another is `--translated`: N sentences
of translated encyclopedia passages (../shared/data, if it is there) against their own passage,
where none should be unsupported, and against another, where all should be. Encyclopedias are
harder than news: half of their words are names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rag.answer.claims import Claim, Evidence, read_claim
from rag.answer.verdict import Verdict, judge
from rag.build import build_encoder
from rag.models.encoder import Encoder
from rag.settings import Settings
from rag.text.clean import clean_text
from rag.text.dates import find_publication_date
from rag.text.lexicon import bundled_lexicon
from rag.text.sentences import split_sentences
from rag.types import Document, Language

ROOT = Path(__file__).resolve().parent.parent
PASSAGE_WORDS = 120


@dataclass(frozen=True, slots=True)
class Row:
    sentence: str
    language: Language
    document: str
    evidence: str
    verdict: bool | str
    kind: str


SETS = {"made with": "verdicts.jsonl", "held back": "verdicts_held_back.jsonl"}


def load_rows(name: str) -> list[Row]:
    path = ROOT / "tests/data" / name
    return [Row(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def load_document(name: str) -> Document:
    raw = (ROOT / "seeds" / f"{name}.txt").read_text(encoding="utf-8")
    text = clean_text(raw)
    title = text.split("\n", 1)[0]
    return Document(
        id=name,
        title=title,
        text=text,
        language="id",
        source="",
        origin="",
        content_hash=hashlib.sha256(raw.encode()).hexdigest(),
        published=find_publication_date(raw, None),
    )


def passage_of(document: Document, evidence: str) -> tuple[int, int]:
    """Return the paragraphs around the evidence, to about the length of a passage."""
    at = document.text.index(evidence)
    start = document.text.rfind("\n\n", 0, at) + 2
    end = document.text.find("\n\n", at + len(evidence))
    end = len(document.text) if end < 0 else end
    while len(document.text[start:end].split()) < PASSAGE_WORDS / 2 and end < len(document.text):
        after = document.text.find("\n\n", end + 2)
        end = len(document.text) if after < 0 else after
    return start, end


def judge_row(row: Row, documents: dict[str, Document], encoder: Encoder | None) -> Verdict:
    lexicon = bundled_lexicon()
    if row.document not in documents:
        documents[row.document] = load_document(row.document)
    document = documents[row.document]
    evidence = Evidence(document, *passage_of(document, row.evidence), lexicon)
    return judge(read_claim(row.sentence, row.language, lexicon), evidence, encoder=encoder)


def report_translated(count: int, encoder: Encoder | None) -> None:
    """Print the verdicts on sentences of translated passages, on their own and another passage."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        print(f"\nno {folder}: translated passages are not measured")
        return
    rows = (folder / "passages.jsonl").read_text(encoding="utf-8").splitlines()
    passages = {row["id"]: row["text"] for row in map(json.loads, rows)}
    lines = (folder / "passages_en.tsv").read_text(encoding="utf-8").splitlines()
    english = sorted(
        (line.split("\t", 1) for line in lines),
        key=lambda pair: hashlib.sha256(pair[0].encode()).digest(),
    )
    lexicon = bundled_lexicon()
    own, other, problems = Counter[str](), Counter[str](), Counter[str]()
    previous: Claim | None = None
    for name, text in english:
        sentences = [text[a:b] for a, b in split_sentences(text)]
        chosen = [s for s in sentences if 6 <= len(s.split()) <= 40]
        if own.total() == count or name not in passages or not chosen:
            continue
        document = Document(name, "", passages[name], "id", "", "", "0" * 64)
        evidence = Evidence(document, 0, len(document.text), lexicon)
        claim = read_claim(chosen[len(chosen) // 2], "en", lexicon)
        verdict = judge(claim, evidence, encoder=encoder)
        own[verdict.support] += 1
        problems[verdict.problem] += verdict.support == "unsupported"
        if previous is not None:
            other[judge(previous, evidence, encoder=encoder).support] += 1
        previous = claim
    print(f"\ntranslated sentences, own passage    {dict(own)}, problems {dict(problems)}")
    print(f"translated sentences, other passage  {dict(other)}")


def report(rows: list[Row], verdicts: list[Verdict], title: str) -> None:
    print(f"\n{title}: {len(rows)} rows")
    table = Counter((row.kind, v.support) for row, v in zip(rows, verdicts, strict=True))
    kinds = ["true", "half", "number", "date", "name", "negation", "role", "wrong_passage"]
    columns = ["quoted", "supported", "partial", "unsupported"]
    print(f"{'kind':<14}" + "".join(f"{c:>13}" for c in columns) + f"{'unsupported':>14}")
    for kind in kinds:
        counts = [table[kind, column] for column in columns]
        share = counts[-1] / max(sum(counts), 1)
        print(f"{kind:<14}" + "".join(f"{c:>13}" for c in counts) + f"{share:>14.3f}")
    flagged = [r for r, v in zip(rows, verdicts, strict=True) if v.support == "unsupported"]
    false = [row for row in rows if row.verdict is False]
    hit = sum(row.verdict is False for row in flagged)
    hard = [row for row in false if row.kind in ("number", "date", "name")]
    hard_hit = sum(row.kind in ("number", "date", "name") for row in flagged)
    true = [row for row in rows if row.verdict is True]
    true_flagged = sum(row.verdict is True for row in flagged)
    judged = sum(row.verdict != "half" for row in flagged)
    shown = sum(
        row.verdict is False and v.support in ("quoted", "supported")
        for row, v in zip(rows, verdicts, strict=True)
    )
    print(f"precision of unsupported (without half rows)  {hit / max(judged, 1):.3f}")
    print(f"recall of unsupported                         {hit / max(len(false), 1):.3f}")
    print(f"recall on wrong numbers, dates, names         {hard_hit / max(len(hard), 1):.3f}")
    print(f"true sentences flagged unsupported            {true_flagged / max(len(true), 1):.3f}")
    print(f"false sentences shown as supported            {shown / max(len(false), 1):.3f}")


def report_errors(rows: list[Row], verdicts: list[Verdict]) -> None:
    expected = {True: ("quoted", "supported"), False: ("unsupported",)}
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.support not in expected.get(row.verdict, ("partial",)):
            print(
                f"{row.kind:>13} {verdict.support:<11} {verdict.problem:<8} "
                f"{verdict.score:.2f} {row.sentence}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", action="store_true", help="show what was judged wrongly")
    parser.add_argument("--no-encoder", action="store_true", help="without the bundled encoder")
    parser.add_argument("--translated", type=int, default=0, metavar="N")
    options = parser.parse_args()
    documents: dict[str, Document] = {}
    encoder = None if options.no_encoder else build_encoder(Settings.load())
    for title, name in SETS.items():
        rows = load_rows(name)
        verdicts = [judge_row(row, documents, encoder) for row in rows]
        report(rows, verdicts, title)
        if options.errors:
            report_errors(rows, verdicts)
    if options.translated:
        report_translated(options.translated, encoder)


if __name__ == "__main__":
    main()
