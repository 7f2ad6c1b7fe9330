"""What makes a training faster where the device and the machine allow it: narrower products, compiled parts.

Weights, optimiser, loss and all figures stay in float32; what autocast narrows are the products (Micikevicius et al.,
ICLR 2018). float16 holds no gradient below 6e-8, so its loss is scaled up and the gradients down again; bfloat16 has
float32's range and needs none of this.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from charnn_cli.config import Config, TrainingConfig
from charnn_cli.errors import UsageError
from charnn_cli.model import NameClassifier
from charnn_cli.train.examples import Examples

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
COMPILED = ("vectors", "wide_logits")  # the methods of the network on either side of the recurrence


@dataclass(frozen=True, slots=True)
class Acceleration:
    """How one device trains."""

    device: torch.device
    dtype: torch.dtype
    compiles: bool

    @classmethod
    def chosen(cls, training: TrainingConfig, device: torch.device) -> "Acceleration":
        """As configured; the precision `auto` is bfloat16 on a GPU that computes in it, float32 elsewhere."""
        name = training.precision
        if name == "auto":
            narrow = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            name = "bfloat16" if narrow else "float32"
        return cls(device, DTYPES[name], training.compile)

    def check(self, examples: Examples, config: Config) -> None:
        """Try it on two names; raises UsageError where the device or the machine cannot do it."""
        if self.dtype == torch.float32 and not self.compiles:
            return
        model = examples.network(config).to(self.device)
        self.compile(model)
        batch = examples.batch(examples.training[:2], self.device)
        try:
            with self.autocast():
                logits = model(batch.symbols, batch.lengths, batch.ngrams)
            logits.float().sum().backward()
        except (RuntimeError, TypeError) as error:
            of_compiling = isinstance(error, torch._dynamo.exc.TorchDynamoException)
            if self.compiles and (of_compiling or self.dtype == torch.float32):
                what, do = "torch cannot compile here", "install a C++ compiler, or leave training.compile out"
                raise UsageError(f"{what} ({_first_line(error)})", do) from error
            what = f"{self.device.type} cannot train this network in {str(self.dtype).removeprefix('torch.')}"
            raise UsageError(f"{what} ({_first_line(error)})", "use training.precision=auto") from error

    def compile(self, model: NameClassifier) -> None:
        """Let torch.compile make one kernel of what it can of the network, in place.

        That is what turns letters and n-grams into vectors and logits. The recurrence is left to torch's own kernels:
        its shapes differ from batch to batch, and each would be compiled anew.
        """
        if self.compiles:
            for name in COMPILED:
                setattr(model, name, torch.compile(getattr(model, name), dynamic=True, fullgraph=True))

    def autocast(self) -> AbstractContextManager[object]:
        """Inside the block products are computed in `dtype`."""
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)

    def scaler(self) -> torch.amp.GradScaler | None:
        """What scales the loss, for float16 alone."""
        return torch.amp.GradScaler(self.device.type) if self.dtype == torch.float16 else None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
