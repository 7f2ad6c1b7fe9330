"""First values of the weights.

Every gate's block of a weight matrix is drawn as a matrix of its own. Sources: Xavier, Glorot & Bengio (2010);
He, He et al. (2015); orthogonal, Saxe et al. (2014); identity, Le, Jaitly & Hinton (2015); forget bias,
Jozefowicz et al. (2015).
"""

from typing import Literal

import torch
from torch import Tensor, nn

from charnn_cli.model.layers import Direction, JointLayer

Scheme = Literal["default", "xavier", "he", "orthogonal", "identity"]


@torch.no_grad()
def initialise(model: nn.Module, scheme: Scheme, forget_bias: float = 1.0) -> None:
    """Set the cell's weights in place; embeddings, attention and head are left as they are.

    | scheme       | input weights            | recurrent weights        | biases                    |
    | `default`    | left as they are: torch's uniform ±1/√H (linear layers: ±1/√inputs) for all three         |
    | `xavier`     | uniform ±√(6/(in + out)) | uniform ±√(6/(in + out)) | 0                         |
    | `he`         | normal, variance 2/in    | normal, variance 2/in    | 0                         |
    | `orthogonal` | as `xavier`              | orthogonal               | 0                         |
    | `identity`   | as `xavier`              | the identity             | 0                         |

    `default` leaves what the constructor drew. In the lesson's `i2h` the columns of the input and of the state are
    blocks of their own; its `i2o`, and the one layer of an `mlp`, hold no recurrence and count as input weights.
    Whatever the scheme, an LSTM's forget gate begins with the bias `forget_bias`, half of it in neither of
    torch's two biases: `bias_ih` holds it and `bias_hh` is 0 there.
    """
    for module in model.modules():
        if isinstance(module, Direction):
            if scheme != "default":
                for block in torch.split(module.weight_ih, module.hidden_size):
                    _input(block, scheme)
                for block in torch.split(module.weight_hh, module.hidden_size):
                    _recurrent(block, scheme)
                module.bias_ih.zero_()
                module.bias_hh.zero_()
            if "forget" in module.gates:
                first = module.gates.index("forget") * module.hidden_size
                module.bias_ih[first : first + module.hidden_size] = forget_bias
                module.bias_hh[first : first + module.hidden_size] = 0.0
    if scheme != "default":
        for name, layer in model.named_modules():
            if name in ("i2h", "i2o", "layers.0") and isinstance(layer, nn.Linear):
                if isinstance(layer, JointLayer):
                    _input(layer.blocks[0], scheme)
                    _recurrent(layer.blocks[1], scheme)
                else:
                    _input(layer.weight, scheme)
                layer.bias.zero_()


def _input(block: Tensor, scheme: Scheme) -> None:
    if scheme == "he":
        nn.init.kaiming_normal_(block, nonlinearity="relu")
    else:
        nn.init.xavier_uniform_(block)


def _recurrent(block: Tensor, scheme: Scheme) -> None:
    if scheme == "orthogonal":
        nn.init.orthogonal_(block)
    elif scheme == "identity":
        nn.init.eye_(block)
    else:
        _input(block, scheme)
