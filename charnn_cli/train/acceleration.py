"""Where a training computes, and what makes it faster there: narrower products, compiled parts.

Weights, optimiser, loss and all figures stay in float32; what autocast narrows are the products (Micikevicius et al.,
ICLR 2018). float16 holds no gradient below 6e-8, so its loss is scaled up and the gradients down again; bfloat16 has
float32's range and needs none of this.
"""

import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from charnn_cli.config import TrainingConfig
from charnn_cli.errors import UsageError
from charnn_cli.model import NameClassifier, NameGenerator
from charnn_cli.processes import ALONE, Processes
from charnn_cli.train.batching import Batch

DTYPES = {  # `auto` is what measured fastest on every device at hand, an H100 among them, at every batch size
    "auto": torch.float32,
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
COMPILED = ("vectors", "wide_logits")  # the methods of the network on either side of the recurrence


@dataclass(frozen=True, slots=True)
class Acceleration:
    """How one device trains."""

    device: torch.device
    dtype: torch.dtype
    compiles: bool

    @classmethod
    def chosen(cls, training: TrainingConfig, device: torch.device) -> "Acceleration":
        """As configured."""
        return cls(device, DTYPES[training.precision], training.compile)

    @property
    def is_plain(self) -> bool:
        """Whether it trains as every device can."""
        return self.dtype == torch.float32 and not self.compiles

    def check(self, model: NameClassifier | NameGenerator, batch: Batch) -> None:
        """Try it on a network and a few names; raises UsageError where the device or the machine cannot do it."""
        self.compile(model)
        try:
            with self.autocast():
                logits = model(*batch.inputs(model.architecture))
            logits.float().sum().backward()
        except (RuntimeError, TypeError) as error:
            of_compiling = isinstance(error, torch._dynamo.exc.TorchDynamoException)
            if self.compiles and (of_compiling or self.dtype == torch.float32):
                what, do = "torch cannot compile here", "install a C++ compiler, or leave training.compile out"
                raise UsageError(f"{what} ({_first_line(error)})", do) from error
            what = f"{self.device.type} cannot train this network in {str(self.dtype).removeprefix('torch.')}"
            raise UsageError(f"{what} ({_first_line(error)})", "use training.precision=auto") from error

    def compile(self, model: NameClassifier | NameGenerator) -> None:
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


def pick_device(name: str, processes: Processes = ALONE) -> torch.device:
    """The device to train on; `auto` takes an accelerator where there is one, and each process a GPU of its own.

    Raises UsageError where the one that is named is not there.
    """
    alone = processes.size == 1
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": alone and torch.backends.mps.is_available()}
    if name == "auto":
        name = next(device for device in ("cuda", "mps", "cpu") if available[device])
    if name == "mps" and not alone:
        raise UsageError("several processes cannot share an mps device", "use training.device=cpu, or one process")
    if not available[name]:
        raise UsageError(f"this machine has no {name} device", "use training.device=auto or cpu")
    if name == "cuda":  # cuDNN wants all of a layer's weights side by side, and copies these few at each call
        warnings.filterwarnings("ignore", "RNN module weights are not part of single contiguous chunk")
    if name != "cuda" or alone:
        return torch.device(name)
    if processes.local_rank >= torch.cuda.device_count():
        raise UsageError(
            f"this machine has {torch.cuda.device_count()} cuda devices, too few for its processes",
            "start one process a device, or use training.device=cpu",
        )
    device = torch.device(name, processes.local_rank)
    torch.cuda.set_device(device)
    return device
