"""Labelled names: reading, splitting, batching, describing."""

from charnn_cli.data.batches import balanced_picks, length_buckets, shuffled_stretch
from charnn_cli.data.dataset import Dataset, distinct, known_by, name_hash, name_key
from charnn_cli.data.readers import read
from charnn_cli.data.report import DataReport, ceiling, describe
from charnn_cli.data.split import TEST, TRAIN, VALIDATION, fold_sides, split

__all__ = [
    "TEST",
    "TRAIN",
    "VALIDATION",
    "DataReport",
    "Dataset",
    "balanced_picks",
    "ceiling",
    "describe",
    "distinct",
    "fold_sides",
    "known_by",
    "length_buckets",
    "name_hash",
    "name_key",
    "read",
    "shuffled_stretch",
    "split",
]
