"""Train the reader: `python -m training.reader --data DIR --out DIR --encoder DIR`.

The encoder's body reads a question and a passage together. Four outputs are trained at once: where
the answer starts and ends, whether there is one, and how the candidates of one question rank
against each other (softmax over the answering passage and others that the search finds for it).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel

from training.data import Corpus, Question, load_corpus
from training.encoder import embed
from training.loop import (
    SEED,
    Clock,
    autocast,
    chunks_by_length,
    pad,
    prepare,
    save_checkpoint,
    set_rates,
)
from training.mining import bm25_scores
from training.reader_model import ReaderModel
from training.reading import LISTS, Example, ReadingBatches
from training.smoke import shrink
from training.vocabulary import attention, set_dropout, token_ids, wrap_tokenizer

RATES = (1e-4, 2e-4, 1e-3)
"""Full learning rates of the word vectors, the body and the heads."""
DROPOUT = 0.0
EPOCHS = 2
TOKENS_AT_ONCE = 3072
NEIGHBOURS = 20
WORD_WEIGHT = 0.45
"""Share of words in the search that finds the negatives."""
EASY_WEIGHT = 0.5
"""Weight of another passage's "no answer" against that of the question's own passage."""
RELEVANCE_SCALE_WEIGHT = 0.2
REPORT_EVERY = 25
CHECKPOINT_EVERY = 100


def find_negatives(
    corpus: Corpus, body: BertModel, tokenizer: Tokenizer, device: torch.device, cache: Path
) -> dict[str, list[str]]:
    """Return the passages that hybrid search finds for each question but its own, best first."""
    questions = [q for q in corpus.questions if q.answer is not None]
    keys = list(corpus.passages)
    asked = [q.indonesian for q in questions]
    if cache.exists():
        with np.load(cache) as saved:
            passages, vectors = saved["passages"], saved["questions"]
    else:
        passages = _vectors(body, tokenizer, [corpus.passages[key] for key in keys], device)
        vectors = _vectors(body, tokenizer, asked, device)
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, passages=passages, questions=vectors)
    found: dict[str, list[str]] = {}
    for question, vector, by_words in zip(
        questions, vectors, bm25_scores(asked, corpus.passages), strict=True
    ):
        near = passages @ vector
        least = np.sort(near)[-min(50, len(near))]
        scores = (1 - WORD_WEIGHT) * np.clip((near - least) / (near.max() - least + 1e-6), 0, 1)
        scores += WORD_WEIGHT * by_words / max(float(by_words.max()), 1e-6)
        best = np.argsort(-scores)[: NEIGHBOURS + 1]
        found[question.id] = [keys[i] for i in best if keys[i] != question.passage][:NEIGHBOURS]
    return found


def _vectors(
    body: BertModel, tokenizer: Tokenizer, texts: list[str], device: torch.device
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    body.eval()
    with torch.inference_mode():
        parts = [
            embed(body, token_ids(tokenizer, texts[i : i + 256], 192), device).cpu().numpy()
            for i in range(0, len(texts), 256)
        ]
    return np.concatenate(parts)


class Training:
    """The run: the model, its optimiser, and where it stands."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.device = prepare(arguments.threads)
        self.out = Path(arguments.out)
        self.checkpoint = self.out / "checkpoints" / "reader.pt"
        start = Path(arguments.encoder)
        corpus = load_corpus(Path(arguments.data))
        if arguments.smoke:
            corpus = shrink(corpus)
        self.tokenizer = Tokenizer.from_file(str(start / "tokenizer.json"))
        body = BertModel.from_pretrained(start, attn_implementation=attention()).to(self.device)
        cache = self.out / "checkpoints" / "vectors.npz"
        negatives = find_negatives(corpus, body, self.tokenizer, self.device, cache)
        set_dropout(body, DROPOUT)
        self.model = ReaderModel(body).to(self.device)
        self.batches = ReadingBatches(corpus, self.tokenizer, negatives)
        answerable: list[Question] = [q for q in corpus.questions if q.answer is not None]
        updates = round(arguments.epochs * 2 * len(answerable) / LISTS)
        self.clock = Clock(updates, arguments.seconds)
        if arguments.smoke:
            self.clock = Clock(3)
        words, rest = [], []
        for name, parameter in body.named_parameters():
            (words if "word_embeddings" in name else rest).append(parameter)
        heads = [p for n, p in self.model.named_parameters() if not n.startswith("body.")]
        groups = [{"params": words}, {"params": rest}, {"params": heads}]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-4, weight_decay=0.01, fused=True)
        self.average: dict[str, float] = {}
        if arguments.resume and self.checkpoint.exists():
            self._restore()

    def run(self) -> None:
        """Train to the end of the schedule, then save the reader."""
        self.model.train()
        self.clock.start()
        while self.clock.progress < 1:
            examples = self.batches.draw(self.clock.done, SEED)
            losses = self._losses(examples)
            loss = losses["span"] + losses["answer"] + losses["rank"]
            loss = loss + RELEVANCE_SCALE_WEIGHT * losses["scale"]
            set_rates(self.optimiser, RATES, self.clock.rate())
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimiser.step()
            self.clock.tick()
            self._report(losses)
        self.save()

    def _losses(self, examples: list[Example]) -> dict[str, torch.Tensor]:
        answer = torch.zeros(len(examples), device=self.device)
        relevance = torch.zeros(len(examples), device=self.device)
        spans: list[torch.Tensor] = []
        for chunk in chunks_by_length([e.ids for e in examples], TOKENS_AT_ONCE):
            rows = [examples[i] for i in chunk]
            ids, mask = pad([e.ids for e in rows], self.device)
            types, _ = pad([e.types for e in rows], self.device)
            with autocast(self.device):
                hidden = self.model.hidden(ids, mask, types)
            start, end, has, rank = self.model.judge(hidden.float(), mask, types)
            places = torch.tensor(chunk, device=self.device)
            answer = answer.index_put((places,), has)
            relevance = relevance.index_put((places,), rank)
            taught = [i for i, e in enumerate(rows) if e.span is not None]
            for logits, side in ((start, 0), (end, 1)):
                if taught:
                    goal = torch.tensor([(rows[i].span or (0, 0))[side] for i in taught])
                    spans.append(
                        functional.cross_entropy(
                            logits[taught], goal.to(self.device), reduction="none"
                        )
                    )
        truth = torch.tensor([float(e.answers) for e in examples], device=self.device)
        easy = torch.tensor([e.group >= 0 and not e.answers for e in examples], device=self.device)
        weights = torch.where(easy, EASY_WEIGHT, 1.0)
        return {
            "span": torch.cat(spans).mean() if spans else relevance.sum() * 0,
            "answer": functional.binary_cross_entropy_with_logits(answer, truth, weights),
            "rank": self._rank_loss(examples, relevance),
            "scale": functional.binary_cross_entropy_with_logits(relevance, truth, weights),
        }

    def _rank_loss(self, examples: list[Example], relevance: torch.Tensor) -> torch.Tensor:
        groups: dict[int, list[int]] = {}
        for place, example in enumerate(examples):
            if example.group >= 0:
                groups.setdefault(example.group, []).append(place)
        losses = [
            -functional.log_softmax(relevance[places], dim=0)[0]
            for places in groups.values()
            if len(places) > 1
        ]
        return torch.stack(losses).mean() if losses else relevance.sum() * 0

    def _report(self, losses: dict[str, torch.Tensor]) -> None:
        for name, loss in losses.items():
            value = float(loss.detach())
            self.average[name] = 0.97 * self.average.get(name, value) + 0.03 * value
        if self.clock.done % REPORT_EVERY == 0:
            parts = " ".join(f"{name} {value:.3f}" for name, value in self.average.items())
            print(
                f"{self.clock.done} updates, {self.clock.progress:.0%}, {parts}, "
                f"{self.clock.spent:.0f} s",
                flush=True,
            )
        if self.clock.done % CHECKPOINT_EVERY == 0:
            save_checkpoint(
                self.checkpoint,
                {
                    "model": self.model.state_dict(),
                    "optimiser": self.optimiser.state_dict(),
                    "clock": (self.clock.done, self.clock.spent),
                },
            )

    def _restore(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.clock.done, self.clock.spent = state["clock"]

    def save(self) -> None:
        """Write body, heads and tokenizer into one folder."""
        folder = self.out / "reader"
        self.model.save(folder)
        wrap_tokenizer(self.tokenizer).save_pretrained(folder)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    parser.add_argument("--data", required=True, help="the data folder")
    parser.add_argument("--out", required=True, help="folder for the model and its checkpoints")
    parser.add_argument("--encoder", help="trained encoder to start from; OUT/encoder if not given")
    parser.add_argument("--epochs", type=float, default=EPOCHS, help="passes over the questions")
    parser.add_argument("--seconds", type=float, help="fit the schedule into so many seconds")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads, all if not given")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--smoke", action="store_true", help="a few updates on a little data")
    parsed = parser.parse_args(arguments)
    if parsed.encoder is None:
        parsed.encoder = str(Path(parsed.out) / "encoder")
    return parsed


if __name__ == "__main__":
    Training(parse()).run()
