"""Where each symbol of a batch of names lies when only real symbols are kept.

Padding is left out of every product instead of being masked afterwards: symbols are laid out step by step, the
longest name first within a step, which is the order of torch's packed sequences. Names without symbols have no
place in it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Layout:
    """The packed order of a batch of names; N of its B names have symbols, L in all, at most T each."""

    batch_size: int  # B
    names: Tensor  # (N,) row in the batch of each name, longest first
    lengths: Tensor  # (N,) symbols of each name, falling
    sizes: list[int]  # (T,) names that have a symbol at each step
    sources: Tensor  # (L,) place of each packed symbol in the flattened batch
    mirrored: Tensor  # (L,) packed row of the symbol that is read instead when each name is read from its end
    last: Tensor  # (N,) packed row of each name's last symbol; its first is row n
    starts: Tensor  # (T,) packed row at which each step begins

    @classmethod
    def of(cls, lengths: Tensor, width: int) -> "Layout":
        """The layout of names of these lengths (B,), padded on the right to `width` symbols."""
        falling, names = torch.sort(lengths, descending=True, stable=True)
        count = int((falling > 0).sum())
        falling, names = falling[:count], names[:count]
        steps = torch.arange(int(falling[0]) if count else 0, device=lengths.device)
        inside = steps[:, None] < falling  # (T, N)
        sizes = inside.sum(dim=1)
        starts = sizes.cumsum(0) - sizes
        step, name = inside.nonzero(as_tuple=True)  # (L,), (L,)
        return cls(
            batch_size=len(lengths),
            names=names,
            lengths=falling,
            sizes=sizes.tolist(),
            sources=names[name] * width + step,
            mirrored=starts[falling[name] - 1 - step] + name,
            last=starts[falling - 1] + torch.arange(count, device=lengths.device),
            starts=starts,
        )

    def padded(self, packed: Tensor) -> tuple[Tensor, Tensor]:
        """Packed rows (L, D) as (N, T, D) with zeros for padding, and which of its steps are real (N, T)."""
        inside = torch.arange(len(self.starts), device=packed.device) < self.lengths[:, None]  # (N, T)
        rows = self.starts + torch.arange(len(self.names), device=packed.device)[:, None]  # (N, T)
        matrix = packed.index_select(0, rows.where(inside, 0).flatten()).view(*rows.shape, packed.shape[1])
        return matrix.masked_fill(~inside[:, :, None], 0.0), inside

    def batch(self, by_name: Tensor) -> Tensor:
        """Values of the names in the layout (N, D) as those of the batch (B, D), zero where a name is empty."""
        return by_name.new_zeros(self.batch_size, by_name.shape[1]).index_copy(0, self.names, by_name)
