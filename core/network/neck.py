"""The neck: three backbone stages, L2-normalised per pixel and fused into one map."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ChannelL2Norm(nn.Module):
    """Divides each pixel's channel vector by its length, times a learnt gain per channel.

    Stages of a backbone differ in magnitude; after this none drowns the others (SMHR 1.3).
    """

    def __init__(self, channels: int, gain: float = 10.0) -> None:
        """Start with the same gain for each channel."""
        super().__init__()
        self.gain = nn.Parameter(torch.full((channels,), gain))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (B, C, H, W) over C; in FP32, for half precision loses the sum of squares."""
        wide = x.float()
        length = wide.square().sum(1, keepdim=True).add(1e-6).sqrt()
        return (wide / length * self.gain[:, None, None]).to(x.dtype)


class FusionNeck(nn.Module):
    """1x1 convolution, bilinear upsampling and L2 norm per stage, then one 3x3 convolution.

    SMHR upsamples with 4x4 and 8x8 transposed convolutions (33.6 M parameters for the deepest
    stage of a ResNet-50); a 1x1 convolution with bilinear upsampling has 0.5 M and no checkerboard.
    """

    def __init__(
        self, in_channels: tuple[int, ...], stage_channels: int, out_channels: int
    ) -> None:
        """Build for the backbone's channel counts."""
        super().__init__()
        self.project = nn.ModuleList(nn.Conv2d(c, stage_channels, 1) for c in in_channels)
        self.norm = nn.ModuleList(ChannelL2Norm(stage_channels) for _ in in_channels)
        self.fuse = nn.Conv2d(
            stage_channels * len(in_channels), out_channels, 3, padding=1, bias=False
        )
        self.bn = nn.BatchNorm2d(out_channels, momentum=0.01)

    def forward(self, maps: tuple[Tensor, ...], upsample: int = 1) -> Tensor:
        """Fuse maps of stride 8, 16, 32 into one (B, out, H, W).

        Args:
            maps: the backbone's stages, finest first.
            upsample: 1 keeps the finest stage's resolution (stride 8), 2 gives stride 4.
        """
        height, width = maps[0].shape[-2:]
        size = (height * upsample, width * upsample)
        fused = []
        for x, project, norm in zip(maps, self.project, self.norm, strict=True):
            y = project(x)
            if y.shape[-2:] != size:
                y = F.interpolate(y, size=size, mode="bilinear", align_corners=False)
            fused.append(norm(y))
        return F.relu(self.bn(self.fuse(torch.cat(fused, 1))))
