"""The packed order of a batch."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence

from charnn_cli.model.layers import Layout

LENGTHS = torch.tensor([2, 4, 0, 3, 4])


def test_order_is_that_of_torchs_packed_sequences() -> None:
    places = torch.arange(20).view(5, 4)
    present = LENGTHS > 0
    theirs = pack_padded_sequence(places[present], LENGTHS[present], batch_first=True, enforce_sorted=False)
    layout = Layout.of(LENGTHS, 4)
    assert layout.sizes == theirs.batch_sizes.tolist()
    assert layout.sources.tolist() == theirs.data.tolist()


def test_mirrored_reads_each_name_from_its_own_end() -> None:
    layout = Layout.of(LENGTHS, 4)
    mirrored = layout.sources[layout.mirrored]
    for place, other in zip(layout.sources.tolist(), mirrored.tolist(), strict=True):
        name, step = divmod(place, 4)
        assert other == 4 * name + int(LENGTHS[name]) - 1 - step
    assert torch.equal(layout.mirrored[layout.mirrored], torch.arange(len(layout.sources)))


def test_padded_and_batch_put_rows_back() -> None:
    layout = Layout.of(LENGTHS, 4)
    matrix, inside = layout.padded(layout.sources[:, None] + 1.0)
    back = layout.batch(matrix.squeeze(2))
    wanted = (torch.arange(20.0).view(5, 4) + 1).masked_fill(torch.arange(4) >= LENGTHS[:, None], 0.0)
    assert torch.equal(back, wanted)
    assert inside.sum() == LENGTHS.sum()
