"""Average readers trained from one encoder: `python -m training.average OUT A B ...`.

Runs from one start that differ in length or data err differently; their mean often errs less than
each of them (Wortsman et al. 2022, "Model soups").
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch

from training.reader_model import ReaderModel


def average(sources: list[Path], target: Path) -> None:
    """Write the mean of the readers' weights, with the tokenizer of the first."""
    states = [ReaderModel.load(source).state_dict() for source in sources]
    model = ReaderModel.load(sources[0])
    mean = {
        name: torch.stack([state[name].float() for state in states]).mean(0).to(value.dtype)
        for name, value in states[0].items()
    }
    model.load_state_dict(mean)
    model.save(target)
    for path in sources[0].glob("tokenizer*.json"):
        shutil.copy(path, target / path.name)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.average", description=__doc__)
    parser.add_argument("target", type=Path, help="folder to write")
    parser.add_argument("sources", type=Path, nargs="+", help="folders that training.reader wrote")
    arguments = parser.parse_args()
    average(arguments.sources, arguments.target)


if __name__ == "__main__":
    main()
