"""The lesson's own way to predict, as it stands in the PyTorch tutorial: one letter of one name at a time.

    python tests/bench/lesson_loop.py NAMES OUTPUT

Robertson, "NLP From Scratch: Classifying Names with a Character-Level RNN". The network has the lesson's shape (57
letters, 128 hidden units, 18 origins) and random weights, which changes nothing about its speed. Prints the names
per second and per processor second of the loop, reading and writing included and loading torch left out.
"""

import string
import sys
import time
import unicodedata

import torch
from torch import Tensor, nn

ALL_LETTERS = string.ascii_letters + " .,;'"
NUM_LETTERS = len(ALL_LETTERS)
NUM_HIDDEN = 128
NUM_CATEGORIES = 18


class RNN(nn.Module):
    """The lesson's network: i2h and i2o over the letter and the hidden state."""

    def __init__(self) -> None:
        super().__init__()
        self.i2h = nn.Linear(NUM_LETTERS + NUM_HIDDEN, NUM_HIDDEN)
        self.i2o = nn.Linear(NUM_LETTERS + NUM_HIDDEN, NUM_CATEGORIES)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, letter: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        combined = torch.cat((letter, hidden), 1)
        hidden = self.i2h(combined)
        output = self.softmax(self.i2o(combined))
        return output, hidden


def unicode_to_ascii(name: str) -> str:
    letters = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn" and letter in ALL_LETTERS)


def line_to_tensor(line: str) -> Tensor:
    tensor = torch.zeros(len(line), 1, NUM_LETTERS)
    for at, letter in enumerate(line):
        tensor[at][0][ALL_LETTERS.find(letter)] = 1
    return tensor


def main() -> None:
    torch.set_num_threads(1)  # more threads make products of one row slower
    torch.manual_seed(0)
    rnn = RNN()
    started, processor_started = time.perf_counter(), time.process_time()
    count = 0
    with (
        open(sys.argv[1], encoding="utf-8") as names,
        open(sys.argv[2], "w", encoding="utf-8") as output,
        torch.no_grad(),
    ):
        for line in names:
            name = line.rstrip("\n")
            letters = line_to_tensor(unicode_to_ascii(name) or " ")
            hidden = torch.zeros(1, NUM_HIDDEN)
            for letter in letters:
                guess, hidden = rnn(letter, hidden)
            value, index = guess.topk(1, 1, True)
            output.write(f"{name}\t{index[0][0].item()}\t{value[0][0].item():.2f}\n")
            count += 1
    print(count / (time.perf_counter() - started), count / (time.process_time() - processor_started))


if __name__ == "__main__":
    main()
