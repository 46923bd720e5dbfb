"""Half precision where it is safe: convolutions and linear layers, and nothing else.

Torch's autocast decides operation by operation: products of the backbone, neck and heads run in
FP16, while norms, softmax, sampling, rotations and all coordinates stay in FP32, and so does
skinning (core.hand_model.skinning_torch). Weights are made FP16 once, for autocast would cast them
at every picture. A trace of it is a strongly typed graph: each cast is part of it.
"""

import copy

import torch
from torch import Tensor, nn

from core.network.network import NetworkOutput


class HalfProducts(nn.Module):
    """A network whose convolutions and linear layers hold FP16, run or traced under autocast.

    Autocast belongs to the module: around a trace it would be forgotten.
    """

    def __init__(self, network: nn.Module, device_type: str) -> None:
        """Copy `network`, which takes one tensor and returns NetworkOutput.

        The largest weight fits: `core.network.weights.deployable` has refused larger ones.

        Args:
            network: in FP32.
            device_type: "cuda" or "cpu", where it will run or is traced.
        """
        super().__init__()
        self.network = copy.deepcopy(network).eval()
        self._device_type = device_type
        for module in self.network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.half()

    def forward(self, picture: Tensor) -> NetworkOutput:
        """Run the network; what it takes and returns is its own."""
        with torch.autocast(self._device_type, torch.float16):
            found: NetworkOutput = self.network(picture)
        return found
