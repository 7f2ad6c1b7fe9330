"""The network that training fits, in torch: symbols of names → logits of origins, or of what comes next."""

from charnn_cli.model.convert import from_trained, ngram_batch, to_tensors
from charnn_cli.model.generator import NameGenerator
from charnn_cli.model.initialisation import Scheme
from charnn_cli.model.network import NameClassifier
from charnn_cli.model.state_gradients import hidden_state_gradients

__all__ = [
    "NameClassifier",
    "NameGenerator",
    "Scheme",
    "from_trained",
    "hidden_state_gradients",
    "ngram_batch",
    "to_tensors",
]
