"""A HandNetwork small enough for tests, on the real hand model, and its export."""

import functools
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from core.assets import hand_model_path
from core.hand_model.skinning_torch import HandLayer
from core.network import weights
from core.network.backbone import BackboneConfig
from core.network.config import NetworkConfig
from core.network.heads import Head
from core.network.network import HandNetwork
from core.network.weights import config_as_json
from core.types import UInt8
from tests.factories import hand_model

TINY = NetworkConfig(
    profile="tiny",
    backbone=BackboneConfig(width=0.25, depth=0.1),
    stage_channels=8,
    channels=16,
    dense_hidden=8,
    row_hidden=16,
    sample_channels=4,
    window_cells=4,
    window_channels=8,
    window_squeezed=4,
    window_mixed=6,
    slots=3,
    steps=2,
    input_sizes=((64, 96), (96, 64)),
)


@functools.cache
def hand_layer() -> HandLayer:
    return HandLayer(hand_model())


def fresh_network(config: NetworkConfig = TINY, seed: int = 0) -> HandNetwork:
    """As training starts: every head's output is nearly its bias."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return HandNetwork(hand_layer(), config).eval()


def lively_network(config: NetworkConfig = TINY, seed: int = 0) -> HandNetwork:
    """As if trained: hands differ from cell to cell, and batch norms have seen something."""
    network = fresh_network(config, seed)
    draw = torch.Generator().manual_seed(seed)
    last_layers = [head.out for head in network.modules() if isinstance(head, Head)]
    last_layers += [network.regressor.estimate[-1], network.regressor.refine[-1]]
    with torch.no_grad():
        for layer in last_layers:
            layer.weight.normal_(std=0.1, generator=draw)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(std=0.2, generator=draw)
                module.running_var.uniform_(0.5, 2.0, generator=draw)
                module.weight.uniform_(0.5, 1.5, generator=draw)
                module.bias.normal_(std=0.2, generator=draw)
    return network


def noise_picture(height: int, width: int, seed: int = 0) -> UInt8:
    """(height, width, 3) uint8 with structure at the network's scale."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    return coarse.repeat(8, 0).repeat(8, 1)


def as_input(*pictures: UInt8) -> Tensor:
    """(B, 3, H, W) uint8 of (H, W, 3) pictures."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def bilinear_twin(features: np.ndarray, u: float, v: float, stride: int) -> np.ndarray:
    """Plain twin of sample_at for one point: four neighbours, zero outside the map."""
    x, y = (u + 0.5) / stride - 0.5, (v + 0.5) / stride - 0.5
    left, top = math.floor(x), math.floor(y)
    value = np.zeros(features.shape[0])
    for row, share_y in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, share_x in ((left, 1 - (x - left)), (left + 1, x - left)):
            if 0 <= row < features.shape[1] and 0 <= column < features.shape[2]:
                value += share_x * share_y * features[:, row, column]
    return value


def publish(folder: Path, state: Mapping[str, Tensor] | None = None, data: bytes = b"") -> Path:
    """Write weights of the profile "tiny" with their description; `data` stands for the file."""
    if state is not None:
        data = save_safetensors({name: value.contiguous() for name, value in state.items()})
    path = folder / "tiny.safetensors"
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    card = {"profile": "tiny", "network": config_as_json(TINY), "safetensors_sha256": digest}
    path.with_suffix(".json").write_text(json.dumps(card))
    return path


@dataclass(frozen=True)
class Exported:
    """A lively network, folded and rounded, and what the export command made of it.

    Attributes:
        network: what was exported.
        data: the ONNX file.
        card: the description beside it.
        names: of all files in the folder.
    """

    network: HandNetwork
    data: bytes
    card: Mapping[str, Any]
    names: tuple[str, ...]


@functools.cache
def exported_network() -> Exported:
    """Export the tiny network once for all tests: it takes some 15 s."""
    from export.to_onnx import export_weights

    with TemporaryDirectory() as folder, patch.object(weights, "LITE", TINY):
        path = publish(Path(folder), lively_network().state_dict())
        network = weights.deployable(weights.load_network(path, hand_layer()))
        target = export_weights(path, hand_model_path())
        return Exported(
            network,
            target.read_bytes(),
            json.loads(path.with_suffix(".json").read_text()),
            tuple(sorted(file.name for file in Path(folder).iterdir())),
        )


@functools.cache
def exported_fixed(precision: str, letterboxed: bool = False) -> Exported:
    """Export the tiny network once for pictures of 4:3; the network itself stays FP32."""
    from export.to_onnx import GraphSpec, export_weights_fixed

    with TemporaryDirectory() as folder, patch.object(weights, "LITE", TINY):
        path = publish(Path(folder), lively_network().state_dict())
        network = weights.deployable(weights.load_network(path, hand_layer()))
        out = Path(folder) / "out"
        spec = GraphSpec("4x3", precision, letterboxed)  # type: ignore[arg-type]
        target = export_weights_fixed(path, hand_model_path(), spec, out)
        return Exported(
            network,
            target.read_bytes(),
            json.loads(target.with_suffix(".json").read_text()),
            tuple(sorted(file.name for file in out.iterdir())),
        )
