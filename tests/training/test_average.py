"""The mean of two readers."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from training.average import average
from training.reader_model import ReaderModel


def test_the_mean_lies_in_the_middle_of_both(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=20,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=16,
    )
    for name in ("one", "two"):
        ReaderModel(BertModel(config)).save(tmp_path / name)
    (tmp_path / "one" / "tokenizer.json").write_text("{}")
    average([tmp_path / "one", tmp_path / "two"], tmp_path / "mean")
    one, two, mean = (ReaderModel.load(tmp_path / n).state_dict() for n in ("one", "two", "mean"))
    for name, value in mean.items():
        assert torch.allclose(value, (one[name] + two[name]) / 2, atol=1e-6), name
    assert (tmp_path / "mean" / "tokenizer.json").exists()
