"""EfficientNet-Lite backbones: ReLU6, no squeeze-excite, so that they quantise and export well.

Source: Tan & Le, EfficientNet (ICML 2019) and TensorFlow's EfficientNet-Lite. Parameter names
follow the published PyTorch checkpoints (`_conv_stem`, `_blocks.N._depthwise_conv` ...), so that
ImageNet weights load without a table of names.
"""

import math
from dataclasses import dataclass
from typing import Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: (repeats, kernel, stride, expansion, in channels, out channels) of EfficientNet-B0's stages.
_STAGES: Final = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
STEM_CHANNELS: Final = 32
#: Stages whose outputs are read: the last ones at stride 4, 8, 16 and 32.
_TAP_STAGES: Final = (1, 2, 4, 6)


@dataclass(frozen=True, slots=True)
class BackboneConfig:
    """Which EfficientNet-Lite.

    Attributes:
        width: channel multiplier (Lite0 1.0, Lite2 1.1).
        depth: repeat multiplier (Lite0 1.0, Lite2 1.2).
    """

    width: float = 1.0
    depth: float = 1.0


LITE0: Final = BackboneConfig()
LITE2: Final = BackboneConfig(width=1.1, depth=1.2)


def scaled_channels(channels: int, width: float) -> int:
    """Scale to the nearest multiple of 8 that loses at most 10 % (EfficientNet's rule)."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


class SameConv2d(nn.Conv2d):
    """Convolution with TensorFlow's "same" padding for inputs of even size.

    TensorFlow pads a stride-2 convolution at the bottom and right only; the published weights
    expect that. Input sizes are multiples of 32, so every strided layer sees an even size and
    the padding is a constant.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        """Build a convolution without bias."""
        symmetric = kernel // 2 if stride == 1 else 0
        super().__init__(
            in_channels, out_channels, kernel, stride, symmetric, groups=groups, bias=False
        )
        total = kernel - stride
        self._pad = (total // 2, total - total // 2) if stride > 1 else None

    def forward(self, input: Tensor) -> Tensor:
        """Convolve (B, C, H, W) with even H and W to (B, C', H / stride, W / stride)."""
        if self._pad is not None:
            input = F.pad(input, (*self._pad, *self._pad))
        return super().forward(input)


def _norm(channels: int) -> nn.BatchNorm2d:
    """Batch norm with the checkpoint's epsilon and TensorFlow's momentum of 0.99."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    """MBConv without squeeze-excite: expand, depthwise, project, and a skip where sizes agree."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int, expansion: int
    ) -> None:
        """Build the block; expansion 1 leaves the first 1x1 convolution out."""
        super().__init__()
        hidden = in_channels * expansion
        self._expands = expansion != 1
        if self._expands:
            self._expand_conv = SameConv2d(in_channels, hidden, 1)
            self._bn0 = _norm(hidden)
        self._depthwise_conv = SameConv2d(hidden, hidden, kernel, stride, groups=hidden)
        self._bn1 = _norm(hidden)
        self._project_conv = SameConv2d(hidden, out_channels, 1)
        self._bn2 = _norm(out_channels)
        self._skips = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H / stride, W / stride)."""
        y = F.relu6(self._bn0(self._expand_conv(x))) if self._expands else x
        y = F.relu6(self._bn1(self._depthwise(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self._skips else cast(Tensor, y)

    def _depthwise(self, y: Tensor) -> Tensor:
        """Run the depthwise convolution; in FP32 where a CPU learns in bfloat16.

        oneDNN has no fast gradient of a bfloat16 depthwise 5x5: FP32 takes a fifth of the time.
        """
        learns = torch.is_grad_enabled() and y.requires_grad
        if not (learns and y.device.type == "cpu" and y.dtype == torch.bfloat16):
            return cast(Tensor, self._depthwise_conv(y))
        with torch.autocast("cpu", enabled=False):
            return cast(Tensor, self._depthwise_conv(y.float())).to(y.dtype)


class EfficientNetLite(nn.Module):
    """The trunk: four maps at stride 4, 8, 16 and 32.

    Attributes:
        channels: their channel counts (Lite0: 24, 40, 112, 320).
    """

    def __init__(self, config: BackboneConfig = LITE0) -> None:
        """Build the trunk; weights are random until `load_imagenet`."""
        super().__init__()
        self._conv_stem = SameConv2d(3, STEM_CHANNELS, 3, 2)
        self._bn0 = _norm(STEM_CHANNELS)
        blocks: list[nn.Module] = []
        taps: list[int] = []
        channels: list[int] = []
        for index, (repeats, kernel, stride, expansion, narrow, wide) in enumerate(_STAGES):
            # The Lite family keeps the stem and the depth of the first and last stage.
            first = STEM_CHANNELS if index == 0 else scaled_channels(narrow, config.width)
            out = scaled_channels(wide, config.width)
            edge = index in (0, len(_STAGES) - 1)
            count = repeats if edge else math.ceil(config.depth * repeats)
            for repeat in range(count):
                step, source = (stride, first) if repeat == 0 else (1, out)
                blocks.append(InvertedResidual(source, out, kernel, step, expansion))
            if index in _TAP_STAGES:
                taps.append(len(blocks) - 1)
                channels.append(out)
        self._blocks = nn.ModuleList(blocks)
        self._taps = frozenset(taps)
        self._frozen: tuple[nn.Module, ...] = ()
        self.channels = tuple(channels)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map (B, 3, H, W) normalised RGB to four maps of stride 4, 8, 16, 32."""
        return self.stages(self.stem(x))

    def stem(self, x: Tensor) -> Tensor:
        """Map (B, 3, H, W) normalised RGB to (B, 32, H / 2, W / 2)."""
        return F.relu6(self._bn0(self._conv_stem(x)))

    def stages(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map what the stem gives to the four maps."""
        maps = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in self._taps:
                maps.append(x)
        return tuple(maps)

    def freeze(self, blocks: int) -> None:
        """Keep the stem and the first blocks as they are, batch statistics included; 0 keeps none.

        The first blocks see most pixels and learn least: without them a step on a CPU takes two
        thirds of the time.
        """
        for module in self._frozen:
            module.requires_grad_(True)
        self._frozen = (self._conv_stem, self._bn0, *self._blocks[:blocks]) if blocks else ()
        for module in self._frozen:
            module.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> "EfficientNetLite":
        """Switch to training, except for what is frozen."""
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def load_imagenet(self, state: dict[str, Tensor]) -> None:
        """Load a published checkpoint; its classifier head is left out, nothing else.

        Raises:
            RuntimeError: a trunk key is missing or has another shape.
        """
        own = self.state_dict()
        trunk = {name: value for name, value in state.items() if name in own}
        counters = {n: torch.zeros_like(own[n]) for n in own if n.endswith("num_batches_tracked")}
        self.load_state_dict({**counters, **trunk})
