"""An ONNX graph under construction."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from charnn_cli.version import __version__

OPSET, IR_VERSION = 22, 10  # in which the recurrent operators have last changed; read by ONNX Runtime since 1.20 (2024)

Told = Sequence[tuple[str, int, list[Any]]]  # name, type and shape of inputs or outputs


class Graph:
    """Nodes and constants; every method gives the name of what it added."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, value: Any) -> str:
        array = np.asarray(value)
        if array.dtype.kind == "i":
            array = array.astype(np.int64)
        name = f"constant_{len(self._constants)}"
        self._constants[name] = numpy_helper.from_array(array, name)
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        return self.several(operator, *inputs, outputs=[output or f"{operator}_{len(self._nodes)}"], **attributes)[0]

    def several(self, operator: str, *inputs: str, outputs: Sequence[str], **attributes: Any) -> Sequence[str]:
        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs

    def reshaped(self, value: str, *shape: int) -> str:
        """0 keeps an axis as it is, -1 takes what is left."""
        return self.add("Reshape", value, self.constant(np.array(shape)))

    def unsqueezed(self, value: str, *axes: int) -> str:
        return self.add("Unsqueeze", value, self.constant(np.array(axes)))

    def transposed(self, value: str, *axes: int) -> str:
        return self.add("Transpose", value, perm=axes)

    def summed(self, value: str, *axes: int) -> str:
        return self.add("ReduceSum", value, self.constant(np.array(axes)), keepdims=0)

    def number(self, value: str) -> str:
        """Whole numbers and verdicts as float32."""
        return self.add("Cast", value, to=TensorProto.FLOAT)

    def model(self, inputs: Told, outputs: Told) -> onnx.ModelProto:
        graph = helper.make_graph(
            self._nodes,
            "charnn",
            [helper.make_tensor_value_info(*told) for told in inputs],
            [helper.make_tensor_value_info(*told) for told in outputs],
            list(self._constants.values()),
        )
        made: onnx.ModelProto = helper.make_model(
            graph,
            producer_name="charnn",
            producer_version=__version__,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(made, full_check=True)
        return made
