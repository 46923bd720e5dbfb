"""What a camera does to a picture: blur, exposure, white balance, noise, compression."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.synthetic.dice import Dice
from training.synthetic.textures import srgb_from_linear

# The standard luminance and chrominance tables of JPEG (ITU-T T.81, annex K), as one scale each:
# steps grow with frequency; the exact entries do not matter for training.
_LUMA_STEP = (12.0, 11.0)  # at zero frequency, and per unit of frequency
_CHROMA_STEP = (17.0, 16.0)
_BLUR_TAPS = 9
# ITU-R BT.601, full range.
_YCC_FROM_RGB = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))
_RGB_FROM_YCC = ((1.0, 0.0, 1.402), (1.0, -0.344136, -0.714136), (1.0, 1.772, 0.0))


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """How cameras differ; shares are in [0, 1]."""

    # Hands in motion, px at width 384 at most; more smears fingers.
    motion_share: float = 0.3
    max_motion_px: float = 14.0
    # Pictures whose background, or everything, is out of focus.
    defocus_share: float = 0.4
    max_defocus_px: float = 2.5
    # Dark scenes with strong gain.
    low_light_share: float = 0.12
    # Standard deviation of noise in linear light at white, at most.
    max_noise: float = 0.05
    # Pictures through a lossy codec, and its range of quality (as in JPEG).
    codec_share: float = 0.6
    codec_quality: tuple[float, float] = (18.0, 90.0)
    # Pictures recorded smaller and scaled up.
    soft_share: float = 0.25
    grey_share: float = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Cameras:
    """Settings of P cameras; all fields (P, ...).

    Attributes:
        motion: (P, 2) px, of the hands during the exposure.
        hand_blur, back_blur: (P,) px, standard deviation.
        exposure: (P,), white_balance: (P, 3), gamma: (P,), contrast: (P,), saturation: (P,).
        shot_noise, read_noise: (P,).
        quality: (P,) of the codec, 100 = none.
        softness: (P,) share of a half-size copy.
        vignette: (P,).
    """

    motion: Tensor
    hand_blur: Tensor
    back_blur: Tensor
    exposure: Tensor
    white_balance: Tensor
    gamma: Tensor
    contrast: Tensor
    saturation: Tensor
    shot_noise: Tensor
    read_noise: Tensor
    quality: Tensor
    softness: Tensor
    vignette: Tensor


def sample_cameras(config: CameraConfig, dice: Dice, count: int, width: int) -> Cameras:
    """Draw the settings of `count` cameras."""
    unit = width / 384
    angle = dice.uniform(count, high=2 * math.pi)
    length = dice.chance(config.motion_share, count) * dice.uniform(count) ** 1.5
    length = length * config.max_motion_px * unit
    defocus = dice.chance(config.defocus_share, count) * dice.uniform(count) ** 2
    defocus = defocus * config.max_defocus_px * unit
    low = dice.chance(config.low_light_share, count)
    exposure = torch.exp(dice.normal(count, sd=0.3))
    exposure = torch.where(low, exposure * dice.uniform(count, low=0.12, high=0.4), exposure)
    noise = config.max_noise * dice.uniform(count) ** 2
    low_quality, high_quality = config.codec_quality
    quality = dice.uniform(count, low=low_quality, high=high_quality)
    coded = dice.chance(config.codec_share, count)
    grey = dice.chance(config.grey_share, count)
    return Cameras(
        motion=length[:, None] * torch.stack((angle.cos(), angle.sin()), -1),
        hand_blur=torch.where(dice.chance(0.3, count), defocus, 0.2 * defocus),
        back_blur=defocus + dice.chance(0.1, count) * dice.uniform(count, high=4 * unit),
        exposure=exposure,
        white_balance=torch.exp(dice.normal(count, 3) * torch.tensor([0.10, 0.03, 0.13])),
        gamma=torch.exp(dice.normal(count, sd=0.12)),
        contrast=1 + dice.normal(count, sd=0.08),
        saturation=torch.where(grey, 0.0, (1 + dice.normal(count, sd=0.15)).clamp(0.4, 1.6)),
        shot_noise=noise * dice.uniform(count, low=0.3, high=1.0) * torch.where(low, 2.0, 1.0),
        read_noise=0.3 * noise * dice.uniform(count) * torch.where(low, 2.0, 1.0),
        quality=torch.where(coded, quality, 100.0),
        softness=dice.chance(config.soft_share, count) * dice.uniform(count),
        vignette=dice.chance(0.3, count) * dice.uniform(count, high=0.35),
    )


def motion_blur(layer: Tensor, motion: Tensor) -> Tensor:
    """Smear layers (P, C, H, W) along motion (P, 2) px, symmetric about the middle of exposure."""
    count, _, height, width = layer.shape
    theta = torch.zeros(count, 2, 3, device=layer.device)
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    total = torch.zeros_like(layer)
    scale = motion.new_tensor([2 / width, 2 / height])
    for tap in range(_BLUR_TAPS):
        theta[:, :, 2] = motion * scale * (tap / (_BLUR_TAPS - 1) - 0.5)
        grid = functional.affine_grid(theta, list(layer.shape), align_corners=False)
        total += functional.grid_sample(layer, grid, padding_mode="border", align_corners=False)
    return total / _BLUR_TAPS


def defocus(image: Tensor, sigma_px: Tensor) -> Tensor:
    """Blur pictures (P, C, H, W) by Gaussians of sigma (P,) px, up to about 5 px.

    Three octaves of a binomial filter, each mixed in as far as the wanted variance asks for.
    """
    kernel = image.new_tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    channels = image.shape[1]
    variance = sigma_px.square()
    for dilation in (1, 2, 4):
        own = float(dilation**2)  # variance of this filter
        share = (variance / own).clamp(0, 1)
        variance = (variance - own).clamp(min=0)
        blurred = image
        for shape in ((1, 1, 1, 5), (1, 1, 5, 1)):
            weight = kernel.view(shape).expand(channels, 1, *shape[2:])
            pad = (
                (2 * dilation, 2 * dilation, 0, 0)
                if shape[3] == 5
                else (0, 0, 2 * dilation, 2 * dilation)
            )
            padded = functional.pad(blurred, pad, mode="replicate")
            blurred = functional.conv2d(padded, weight, dilation=dilation, groups=channels)
        image = torch.lerp(image, blurred, share[:, None, None, None])
    return image


def develop(linear: Tensor, cameras: Cameras) -> Tensor:
    """Display values (P, 3, ...) in [0, 1] of linear light (P, 3, ...): the camera's colours."""
    ones = [1] * (linear.dim() - 2)

    def per_picture(value: Tensor) -> Tensor:
        return value.view(-1, 1, *ones)

    gain = cameras.exposure[:, None] * cameras.white_balance
    light = linear * gain.view(*gain.shape, *ones)
    grey = (light * light.new_tensor([0.30, 0.59, 0.11]).view(1, 3, *ones)).sum(1, keepdim=True)
    light = grey + (light - grey) * per_picture(cameras.saturation)
    # A soft shoulder above 0.8 instead of a hard clip.
    over = (light - 0.8).clamp(min=0)
    light = light.clamp(0, 0.8) + 0.2 * (1 - torch.exp(-over / 0.2))
    display = srgb_from_linear(light).clamp(min=1e-4) ** per_picture(cameras.gamma)
    return ((display - 0.5) * per_picture(cameras.contrast) + 0.5).clamp(0, 1)


def expose(linear: Tensor, cameras: Cameras, generator: torch.Generator) -> Tensor:
    """Turn linear pictures (P, 3, H, W) into uint8 ones as a camera and its codec would."""
    count, _, height, width = linear.shape
    device = linear.device
    y = torch.linspace(-1, 1, height, device=device)[:, None]
    x = torch.linspace(-1, 1, width, device=device)
    falloff = 1 - cameras.vignette[:, None, None, None] * 0.5 * (x * x + y * y)
    light = linear * falloff
    amount = cameras.exposure.clamp(max=1)  # a darker picture is amplified, noise and all
    noise = torch.randn(linear.shape, generator=generator, device=device)
    coarse = torch.randn((count, 3, height // 2, width // 2), generator=generator, device=device)
    coarse = functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    noise = 0.7 * noise + 0.6 * coarse  # demosaicing spreads noise over neighbours
    sd = cameras.shot_noise.square()[:, None, None, None] * light.clamp(min=0)
    sd = sd + cameras.read_noise.square()[:, None, None, None] / amount[:, None, None, None]
    light = light + noise * sd.sqrt()
    small = functional.avg_pool2d(light, 2)
    small = functional.interpolate(small, (height, width), mode="bilinear", align_corners=False)
    light = torch.lerp(light, small, cameras.softness[:, None, None, None])
    display = develop(light.clamp(min=0), cameras)
    return codec(display * 255, cameras.quality).add(0.5).clamp(0, 255).to(torch.uint8)


def codec(image: Tensor, quality: Tensor) -> Tensor:
    """Pictures (P, 3, H, W) in [0, 255] after 8x8 block coding with 4:2:0 colour, as in JPEG.

    Args:
        image: RGB; H and W need not be multiples of 16.
        quality: (P,); 100 leaves the picture as it is.
    """
    _, _, height, width = image.shape
    padded = functional.pad(image, (0, -width % 16, 0, -height % 16), mode="replicate")
    to_ycc, to_rgb = image.new_tensor(_YCC_FROM_RGB), image.new_tensor(_RGB_FROM_YCC)
    ycc = torch.einsum("ij,pjhw->pihw", to_ycc, padded)
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50).clamp(min=1e-3)
    luma = _quantised(ycc[:, :1] - 128, scale, _LUMA_STEP) + 128
    chroma = _quantised(functional.avg_pool2d(ycc[:, 1:], 2), scale, _CHROMA_STEP)
    chroma = functional.interpolate(chroma, scale_factor=2.0, mode="bilinear", align_corners=False)
    coded = torch.einsum("ij,pjhw->pihw", to_rgb, torch.cat((luma, chroma), 1))
    kept = quality[:, None, None, None] >= 100
    return torch.where(kept, image, coded[..., :height, :width])


def _quantised(plane: Tensor, scale: Tensor, step: tuple[float, float]) -> Tensor:
    """Round the 8x8 DCT coefficients of planes (P, C, H, W), which must divide by 8."""
    position = torch.arange(8, device=plane.device, dtype=plane.dtype)
    basis = torch.cos((2 * position + 1) * position[:, None] * math.pi / 16) * 0.5
    basis[0] *= 0.5**0.5
    frequency = position + position[:, None]
    table = (step[0] + step[1] * frequency * (0.4 + frequency / 12)) * 0.8
    table = table * scale[:, None, None, None, None, None]
    count, channels, height, width = plane.shape
    blocks = plane.view(count, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    blocks = basis @ blocks @ basis.T
    blocks = (blocks / table).round() * table
    return (basis.T @ blocks @ basis).transpose(3, 4).reshape(plane.shape)
