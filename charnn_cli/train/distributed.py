"""Several processes that train one network, each on its share of every batch.

torchrun starts them and says in the environment who is who. The gradients are added up by torch's
DistributedDataParallel, over NCCL between GPUs and over gloo between CPUs; those of n-gram tables here, for the rows
that a batch reads. Everything else that the processes tell each
other is small, lies on the CPU and goes over gloo, where the end of a process is noticed at once.
"""

import gc
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import torch
import torch._dynamo  # here: loaded by DistributedDataParallel, it would keep the group, and its threads, to the end
import torch.distributed as dist
from numpy.typing import NDArray
from torch import nn
from torch.distributed.rendezvous import rendezvous
from torch.nn.parallel import DistributedDataParallel

from charnn_cli.errors import LostProcess
from charnn_cli.model.embeddings import NgramSum
from charnn_cli.processes import Processes
from charnn_cli.train.objective import Objective
from charnn_cli.train.writing import WritingObjective

PATIENCE = timedelta(minutes=15)  # with a process that neither answers nor ends; reading may differ by minutes


class Group(Processes):
    """The processes that torchrun started.

    Every method but `share` and `first_to_tell` is to be called by all of them, in the same order. Raises LostProcess
    where one has ended or does not answer.
    """

    def __init__(self, patience: timedelta = PATIENCE) -> None:
        self.rank = int(os.environ["RANK"])
        self.size = int(os.environ["WORLD_SIZE"])
        self.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        nccl = torch.cuda.is_available() and dist.is_nccl_available()
        backend = "cpu:gloo,cuda:nccl" if nccl else "gloo"
        with self.watched():
            self._store, _, _ = next(rendezvous("env://", timeout=patience))
            dist.init_process_group(backend, store=self._store, rank=self.rank, world_size=self.size, timeout=patience)

    def joined(self, part: NDArray[np.float64], count: int) -> NDArray[np.float64]:
        longest = -(-count // self.size)
        padded = torch.zeros(longest, part.shape[1], dtype=torch.float64)
        padded[: len(part)] = torch.from_numpy(part)
        parts = [torch.empty_like(padded) for _ in range(self.size)]
        with self.watched():
            dist.all_gather(parts, padded)
        return torch.stack(parts, dim=1).flatten(0, 1)[:count].numpy()

    def total(self, value: float) -> float:
        total = torch.tensor([value], dtype=torch.float64)
        with self.watched():
            dist.all_reduce(total)
        return float(total[0])

    def leading(self, text: str) -> str:
        content = torch.tensor(list(text.encode(errors="surrogateescape")), dtype=torch.uint8)
        size = torch.tensor([len(content)])
        with self.watched():
            dist.broadcast(size, 0)
            content = content if self.leads else torch.zeros(int(size[0]), dtype=torch.uint8)
            dist.broadcast(content, 0)
        return bytes(content.tolist()).decode(errors="surrogateescape")

    def agree(self, text: str) -> bool:
        digest = torch.tensor(list(hashlib.sha256(text.encode(errors="surrogateescape")).digest()), dtype=torch.uint8)
        digests = [torch.empty_like(digest) for _ in range(self.size)]
        with self.watched():
            dist.all_gather(digests, digest)
        return all(torch.equal(digest, other) for other in digests)

    def network(self, model: Objective | WritingObjective) -> nn.Module:
        device = next(model.parameters()).device
        tables = {f"{name}.weight": module for name, module in model.named_modules() if isinstance(module, NgramSum)}
        self._tables = list(tables.values())
        DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(model, list(tables))  # type: ignore[no-untyped-call]
        with self.watched():
            return DistributedDataParallel(
                model,
                device_ids=[device] if device.type == "cuda" else None,
                gradient_as_bucket_view=True,
                # A joint cell's recurrent weights have no part in a batch of names of one letter.
                find_unused_parameters=model.architecture.kind.joint,
            )

    def add_tables(self, read: NDArray[np.int64] | None) -> None:
        """See Processes.add_tables.

        A table has far more rows than a batch reads, and its gradient is dense: to add up all of it would take longer
        than the rest of the step.
        """
        for table in self._tables:
            with self.watched():
                if table.part is not None:
                    assert table.part.grad is not None, "every table is read"
                    dist.all_reduce(table.part.grad)
                    table.part.grad /= self.size
                    continue
                gradient = table.weight.grad
                assert gradient is not None, "every table is read"
                assert read is not None, "every table is read"
                rows = torch.from_numpy(read).to(gradient.device)
                part = gradient.index_select(0, rows)
                dist.all_reduce(part)
                gradient.index_copy_(0, rows, part / self.size)

    @contextmanager
    def watched(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # gloo raises no kind of its own
            if isinstance(error, dist.DistError) or "gloo" in str(error):
                raise LostProcess(
                    "another process of this training has ended or does not answer",
                    "torchrun says below which it was",
                ) from error
            raise

    def first_to_tell(self) -> bool:
        try:
            return int(self._store.add("charnn/told", 1)) == 1
        except RuntimeError:  # the store has gone with the process that held it
            return True

    def close(self) -> None:
        """See Processes.close.

        The threads of gloo end with the last reference to the group. One that still ran while the interpreter ends,
        with a tensor of ours in its hands, would abort the process.
        """
        if dist.is_initialized():
            dist.destroy_process_group()
        gc.collect()  # DistributedDataParallel refers to itself and to the group
