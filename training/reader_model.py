"""The reader's network: a body that sees question and passage together, and four outputs."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BertModel

HEADS = "heads.safetensors"
MASKED = -1e4


class ReaderModel(torch.nn.Module):
    """Scores for start and end by token, and for has-answer and relevance by row."""

    def __init__(self, body: BertModel) -> None:
        super().__init__()
        self.body = body
        width = body.config.hidden_size
        self.span = torch.nn.Linear(width, 2)
        self.pooled = torch.nn.Linear(2 * width, width)
        self.verdict = torch.nn.Linear(width, 2)

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        """Return the body's last states, shape (rows, tokens, width)."""
        states: torch.Tensor = self.body(
            input_ids=ids, attention_mask=mask, token_type_ids=types
        ).last_hidden_state
        return states

    def judge(
        self, hidden: torch.Tensor, mask: torch.Tensor, types: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return start and end scores, (rows, tokens), has-answer and relevance scores, (rows,)."""
        inside = (types * mask).unsqueeze(-1).float()
        spans = self.span(hidden) * inside + MASKED * (1 - inside)
        mean = (hidden * inside).sum(1) / inside.sum(1).clamp(min=1)
        both = torch.tanh(self.pooled(torch.cat([hidden[:, 0], mean], dim=-1)))
        verdict = self.verdict(both)
        return spans[..., 0], spans[..., 1], verdict[:, 0], verdict[:, 1]

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        hidden = self.hidden(input_ids, attention_mask, token_type_ids)
        return self.judge(hidden, attention_mask, token_type_ids)

    def save(self, folder: Path) -> None:
        """Write the body as transformers does, and the heads beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.body.save_pretrained(folder)
        heads = {n: p for n, p in self.state_dict().items() if not n.startswith("body.")}
        save_file({name: value.contiguous() for name, value in heads.items()}, folder / HEADS)

    @classmethod
    def load(cls, folder: Path) -> ReaderModel:
        """Read what `save` wrote."""
        model = cls(BertModel.from_pretrained(folder, attn_implementation="eager"))
        model.load_state_dict(load_file(folder / HEADS), strict=False)
        return model
