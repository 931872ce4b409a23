"""A bilingual WordPiece vocabulary, and the English model's body moved onto it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = 40_000
LONGEST_INPUT = 256


def train_tokenizer(texts: Iterable[str], pieces: int = PIECES) -> Tokenizer:
    """Return an uncased WordPiece tokenizer without accents, trained on the texts."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=pieces, special_tokens=SPECIAL, min_frequency=3, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


def attention() -> str:
    """Return the attention that trains fastest: a fused one on a GPU, a plain one on a CPU.

    On a CPU the fused one's way back alone is 40% of an update.
    """
    return "sdpa" if torch.cuda.is_available() else "eager"


def move_body(teacher_folder: Path, tokenizer: Tokenizer) -> BertModel:
    """Return the teacher's body with word vectors for the new vocabulary.

    A piece that the old vocabulary has keeps its vector; a new one starts at the mean of the old
    pieces that spell it.
    """
    old = AutoTokenizer.from_pretrained(teacher_folder)
    body = BertModel.from_pretrained(teacher_folder, attn_implementation=attention())
    vectors = body.embeddings.word_embeddings.weight.data
    old_ids = old.get_vocab()
    moved = torch.zeros(tokenizer.get_vocab_size(), vectors.shape[1])
    for piece, index in tokenizer.get_vocab().items():
        if piece in old_ids:
            moved[index] = vectors[old_ids[piece]]
            continue
        spelled = old.tokenize(piece.removeprefix("##"))
        moved[index] = vectors[old.convert_tokens_to_ids(spelled) or [old.unk_token_id]].mean(0)
    body.resize_token_embeddings(len(moved), mean_resizing=False)
    body.embeddings.word_embeddings.weight.data.copy_(moved)
    body.embeddings.word_embeddings.padding_idx = 0
    body.config.pad_token_id = 0
    return body


def set_dropout(body: torch.nn.Module, rate: float) -> None:
    """Set every dropout of the body; the short distillation runs are better with none."""
    for module in body.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = rate


def wrap_tokenizer(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """Return the tokenizer as transformers saves it."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=LONGEST_INPUT,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def token_ids(tokenizer: Tokenizer, texts: Sequence[str], longest: int) -> list[list[int]]:
    """Return the ids of each text, cut to `longest` tokens with its closing [SEP] kept."""
    encoded = tokenizer.encode_batch(list(texts))
    return [e.ids if len(e.ids) <= longest else [*e.ids[: longest - 1], 3] for e in encoded]
