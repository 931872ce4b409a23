"""Train the encoder: `python -m training.encoder --data DIR --out DIR`.

Two steps on all-MiniLM-L6-v2's body with a bilingual vocabulary. *Alignment* pulls both sides of
parallel sentences towards the teacher's vector of the English side. *Retrieval* then teaches which
passage answers a question, in both languages, among passages that look like it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import AutoTokenizer, BertModel

from training.data import Corpus, align_sentences, load_corpus, parallel_sentences
from training.loop import (
    SEED,
    Clock,
    autocast,
    batches_by_length,
    chunks_by_length,
    pad,
    prepare,
    save_checkpoint,
    set_rates,
)
from training.mining import RetrievalBatches
from training.smoke import shrink
from training.teacher import teacher_folder, teacher_vectors
from training.translations import learn_translations, translated_vectors
from training.vocabulary import (
    PIECES,
    move_body,
    set_dropout,
    token_ids,
    train_tokenizer,
    wrap_tokenizer,
)

ALIGNMENT_RATES = (5e-4, 2e-4)
RETRIEVAL_RATES = (2e-4, 6e-5)
"""Full learning rates of the word vectors and of everything else."""
ALIGNMENT_BATCH = 64
RETRIEVAL_PASSAGES = 64
ENGLISH_PASSAGES = 16
REPLAYED_PAIRS = 24
QUEUE_BATCHES = 6
"""Passages of so many earlier batches serve as further negatives."""
ALIGNMENT_TEMPERATURE = 0.05
RETRIEVAL_TEMPERATURE = 0.04
MINING_ROUNDS = 3
"""How often the retrieval step looks for passages that the encoder confuses."""
RETRIEVAL_PASSES = 10
ALIGNMENT_SHARE = 0.35
"""Share of the whole time that the first step gets."""
LONGEST_SENTENCE = 128
LONGEST_PASSAGE = 176
LONGEST_QUESTION = 48
TOKENS_AT_ONCE = 3072
REPORT_EVERY = 25
CHECKPOINT_EVERY = 100


@dataclass(frozen=True, slots=True)
class Aligned:
    """Tokenised parallel texts with the teacher's vectors, shape (pairs, 384), and repeats."""

    indonesian: list[list[int]]
    english: list[list[int]]
    teacher: torch.Tensor
    repeats: npt.NDArray[np.int64]


def embed(body: BertModel, rows: list[list[int]], device: torch.device) -> torch.Tensor:
    """Return unit vectors of tokenised texts, shape (len(rows), 384): the mean of their tokens."""
    parts: list[torch.Tensor] = []
    order: list[int] = []
    # Rows of about one length go together: padding would be half of the work.
    for batch in chunks_by_length(rows, TOKENS_AT_ONCE):
        ids, mask = pad([rows[row] for row in batch], device)
        with autocast(device):
            hidden = body(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).float()
        parts.append((hidden.float() * weights).sum(1) / weights.sum(1))
        order += batch
    back = torch.from_numpy(np.argsort(order)).to(device)
    return functional.normalize(torch.cat(parts)[back], dim=-1)


def contrast(left: torch.Tensor, right: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the loss of telling each row's partner from the other rows, in both directions."""
    scores = left @ right.T / temperature
    target = torch.arange(len(left), device=left.device)
    return (
        functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)
    ) / 2


def distance(vectors: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    return (1 - (vectors * teacher).sum(-1)).mean()


def translate_word_vectors(body: BertModel, tokenizer: Tokenizer, corpus: Corpus) -> None:
    """Give every piece of the body's vocabulary the vector of what it translates to."""
    old = AutoTokenizer.from_pretrained(teacher_folder())
    rows = [(a, b) for a, b, _ in corpus.parallel] + 2 * align_sentences(corpus)
    rows += [(q.indonesian, q.english) for q in corpus.questions] + 3 * corpus.lexicon
    encoded = tokenizer.encode_batch([a for a, _ in rows], add_special_tokens=False)
    new_ids = [one.ids for one in encoded]
    old_ids = old([b for _, b in rows], add_special_tokens=False)["input_ids"]
    found = learn_translations(
        list(zip(new_ids, old_ids, strict=True)), tokenizer.get_vocab_size(), len(old)
    )
    teacher = BertModel.from_pretrained(teacher_folder()).embeddings.word_embeddings.weight
    first = body.embeddings.word_embeddings.weight
    vectors = translated_vectors(first.detach().numpy(), teacher.detach().numpy(), found)
    with torch.no_grad():
        first.copy_(torch.from_numpy(vectors))


class Training:
    """The run: the body, its optimiser, and where in which step it stands."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.device = prepare(arguments.threads)
        self.out = Path(arguments.out)
        self.checkpoint = self.out / "checkpoints" / "encoder.pt"
        corpus = load_corpus(Path(arguments.data))
        pieces = PIECES
        if arguments.smoke:
            corpus, pieces = shrink(corpus), 2000
        self.tokenizer = self._tokenizer(corpus, pieces)
        self.body = move_body(teacher_folder(), self.tokenizer)
        resumed = arguments.resume and self.checkpoint.exists()
        if not resumed:
            translate_word_vectors(self.body, self.tokenizer, corpus)
        self.body = self.body.to(self.device)
        set_dropout(self.body, 0.0)
        self.aligned = self._align(corpus)
        self.batches = RetrievalBatches(
            corpus,
            lambda texts, longest: token_ids(self.tokenizer, texts, longest),
            LONGEST_QUESTION,
            LONGEST_PASSAGE,
        )
        passes = len(self._epoch_rows()) // ALIGNMENT_BATCH
        seconds: float | None = arguments.seconds
        self.clocks = {
            "alignment": Clock(max(1, passes), seconds and seconds * ALIGNMENT_SHARE),
            "retrieval": Clock(
                max(1, RETRIEVAL_PASSES * len(corpus.passages) // RETRIEVAL_PASSAGES),
                seconds and seconds * (1 - ALIGNMENT_SHARE),
            ),
        }
        if arguments.smoke:
            self.clocks = {"alignment": Clock(3), "retrieval": Clock(3)}
        words = [p for n, p in self.body.named_parameters() if "word_embeddings" in n]
        rest = [p for n, p in self.body.named_parameters() if "word_embeddings" not in n]
        self.optimiser = torch.optim.AdamW(
            [{"params": words}, {"params": rest}], lr=1e-4, weight_decay=0.01, fused=True
        )
        self.average: dict[str, float] = {}
        if resumed:
            self._restore()

    def _tokenizer(self, corpus: Corpus, pieces: int) -> Tokenizer:
        path = self.out / "checkpoints" / "tokenizer.json"
        if path.exists():
            return Tokenizer.from_file(str(path))
        sentences = parallel_sentences(corpus)
        texts = [text for i, e, repeats in sentences for text in (i, e) for _ in range(repeats)]
        texts += list(corpus.passages.values()) * 2
        texts += [text for pair in corpus.lexicon for text in pair] * 2
        texts += [text for q in corpus.english_questions[::3] for text in (q.question, q.passage)]
        tokenizer = train_tokenizer(texts, pieces)
        path.parent.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(path))
        return tokenizer

    def _align(self, corpus: Corpus) -> Aligned:
        rows = parallel_sentences(corpus)
        english = [row[1] for row in rows]
        vectors = teacher_vectors(english, self.out / "checkpoints", self.device)
        return Aligned(
            token_ids(self.tokenizer, [row[0] for row in rows], LONGEST_SENTENCE),
            token_ids(self.tokenizer, english, LONGEST_SENTENCE),
            torch.from_numpy(vectors.astype(np.float32)).to(self.device),
            np.array([row[2] for row in rows]),
        )

    def _epoch_rows(self) -> npt.NDArray[np.int64]:
        return np.repeat(np.arange(len(self.aligned.repeats)), self.aligned.repeats)

    def run(self) -> None:
        """Go through both steps from wherever the checkpoint left off, then save the encoder."""
        self.body.train()
        if self.clocks["alignment"].progress < 1:
            self._alignment()
            self.save("aligned")
        self._retrieval()
        self.save("encoder")

    def _alignment(self) -> None:
        clock = self.clocks["alignment"]
        clock.start()
        lengths = np.array([len(row) for row in self.aligned.indonesian])
        rows, epoch = self._epoch_rows(), 0
        per_epoch = max(1, len(rows) // ALIGNMENT_BATCH)
        batches: list[npt.NDArray[np.int64]] = []
        while clock.progress < 1:
            if clock.done // per_epoch != epoch or not batches:
                epoch = clock.done // per_epoch
                rng = np.random.default_rng((SEED, epoch))
                batches = batches_by_length(rows, lengths, ALIGNMENT_BATCH, rng)
            batch = batches[clock.done % per_epoch % len(batches)]
            left, right, teacher = self._both_sides(batch)
            loss = (
                contrast(left, teacher, ALIGNMENT_TEMPERATURE)
                + contrast(left, right, ALIGNMENT_TEMPERATURE)
                + 2 * distance(left, teacher)
                + 2 * distance(right, teacher)
            )
            self._update("alignment", loss, ALIGNMENT_RATES)

    def _both_sides(
        self, batch: npt.NDArray[np.int64]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        texts = [self.aligned.indonesian[i] for i in batch]
        texts += [self.aligned.english[i] for i in batch]
        vectors = embed(self.body, texts, self.device)
        return vectors[: len(batch)], vectors[len(batch) :], self.aligned.teacher[batch]

    def _retrieval(self) -> None:
        clock = self.clocks["retrieval"]
        clock.start()
        queue: list[tuple[torch.Tensor, list[str]]] = []
        all_rows = self._epoch_rows()
        mined = -1
        while clock.progress < 1:
            if int(clock.progress * MINING_ROUNDS) != mined:
                mined = int(clock.progress * MINING_ROUNDS)
                self.batches.mine(self._vectors)
            rng = np.random.default_rng((SEED, 1_000_000 + clock.done))
            batch = self.batches.draw(rng, RETRIEVAL_PASSAGES, ENGLISH_PASSAGES)
            passages = embed(self.body, batch.passages, self.device)
            questions = embed(self.body, batch.questions, self.device)
            earlier = [vectors for vectors, _ in queue]
            keys = batch.keys + [key for _, more in queue for key in more]
            scores = questions @ torch.cat([passages, *earlier]).T / RETRIEVAL_TEMPERATURE
            wrong = torch.from_numpy(self.batches.unfit(batch, keys)).to(self.device)
            scores = scores.masked_fill(wrong, -1e4)
            target = torch.from_numpy(batch.targets).to(self.device)
            loss = functional.cross_entropy(scores, target)
            size = RETRIEVAL_PASSAGES if len(batch.keys) > RETRIEVAL_PASSAGES else len(batch.pairs)
            for start in (0, size):
                block = scores[start : start + size, :size].T
                loss = loss + 0.25 * functional.cross_entropy(block, target[:size])
            loss = loss + 0.25 * contrast(
                questions[:size], questions[size : 2 * size], ALIGNMENT_TEMPERATURE
            )
            rows = rng.choice(all_rows, min(REPLAYED_PAIRS, len(all_rows)), replace=False)
            left, right, teacher = self._both_sides(rows)
            loss = loss + distance(left, teacher) + distance(right, teacher)
            queue = [(passages.detach(), batch.keys), *queue][:QUEUE_BATCHES]
            self._update("retrieval", loss, RETRIEVAL_RATES)

    def _vectors(self, rows: list[list[int]]) -> npt.NDArray[np.float32]:
        with torch.no_grad():
            vectors: npt.NDArray[np.float32] = embed(self.body, rows, self.device).cpu().numpy()
        return vectors

    def _update(self, step: str, loss: torch.Tensor, rates: tuple[float, float]) -> None:
        clock = self.clocks[step]
        set_rates(self.optimiser, rates, clock.rate())
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.body.parameters(), 1.0)
        self.optimiser.step()
        clock.tick()
        value = float(loss.detach())
        self.average[step] = 0.96 * self.average.get(step, value) + 0.04 * value
        if clock.done % REPORT_EVERY == 0:
            print(
                f"{step} {clock.done} updates, {clock.progress:.0%}, "
                f"loss {self.average[step]:.3f}, {clock.spent:.0f} s",
                flush=True,
            )
        if clock.done % CHECKPOINT_EVERY == 0:
            save_checkpoint(
                self.checkpoint,
                {
                    "body": self.body.state_dict(),
                    "optimiser": self.optimiser.state_dict(),
                    "clocks": {n: (c.done, c.spent) for n, c in self.clocks.items()},
                },
            )

    def _restore(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.body.load_state_dict(state["body"])
        self.optimiser.load_state_dict(state["optimiser"])
        for name, (done, spent) in state["clocks"].items():
            self.clocks[name].done, self.clocks[name].spent = done, spent

    def save(self, name: str) -> None:
        """Write the body and its tokenizer as a transformers folder."""
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        self.body.save_pretrained(folder)
        wrap_tokenizer(self.tokenizer).save_pretrained(folder)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.encoder", description=__doc__)
    parser.add_argument("--data", required=True, help="the data folder")
    parser.add_argument("--out", required=True, help="folder for the model and its checkpoints")
    parser.add_argument("--seconds", type=float, help="fit the schedule into so many seconds")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads, all if not given")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--smoke", action="store_true", help="a few updates on a little data")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    Training(parse()).run()
