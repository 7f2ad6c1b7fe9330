"""The checkpoint store: the only reader and writer of run folders."""

from charnn_cli.store.location import follow, is_shipped, locate, named_run_folder, new_run_folder
from charnn_cli.store.model_files import load_trained, model_digest, save_trained
from charnn_cli.store.run import Run
from charnn_cli.store.writer import TENSORBOARD, RunWriter, check_free

__all__ = [
    "TENSORBOARD",
    "Run",
    "RunWriter",
    "check_free",
    "follow",
    "is_shipped",
    "load_trained",
    "locate",
    "model_digest",
    "named_run_folder",
    "new_run_folder",
    "save_trained",
]
