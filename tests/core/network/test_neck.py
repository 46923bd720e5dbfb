import pytest
import torch

from core.network.neck import ChannelL2Norm, FusionNeck


@pytest.mark.parametrize("magnitude", [1e-2, 1.0, 1e3])
def test_every_pixel_has_the_length_of_the_gain(magnitude: float) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 16, 3, 5) * magnitude
    lengths = ChannelL2Norm(16)(x).norm(dim=1)
    torch.testing.assert_close(lengths, torch.full((2, 3, 5), 10.0), rtol=1e-3, atol=0)


def test_gain_is_learnt_per_channel() -> None:
    norm = ChannelL2Norm(4)
    with torch.no_grad():
        norm.gain.copy_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        y = norm(torch.ones(1, 4, 1, 1))
    torch.testing.assert_close(y.flatten(), torch.tensor([0.5, 1.0, 1.5, 2.0]))


def test_direction_of_a_pixel_is_kept() -> None:
    torch.manual_seed(1)
    x = torch.randn(1, 8, 2, 2)
    cosine = torch.nn.functional.cosine_similarity(ChannelL2Norm(8)(x), x, dim=1)
    torch.testing.assert_close(cosine, torch.ones(1, 2, 2))


def test_pixel_of_zeros_stays_zero_and_has_a_gradient() -> None:
    x = torch.zeros(1, 8, 1, 1, requires_grad=True)
    y = ChannelL2Norm(8)(x)
    y.sum().backward()
    assert (y == 0).all()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_half_precision_does_not_overflow() -> None:
    x = torch.full((1, 64, 1, 1), 300.0, dtype=torch.float16)  # its sum of squares is 5.8e6
    y = ChannelL2Norm(64)(x)
    assert y.dtype == torch.float16
    torch.testing.assert_close(
        y.float().norm(dim=1), torch.full((1, 1, 1), 10.0), rtol=1e-2, atol=0
    )


@pytest.mark.parametrize(("upsample", "size"), [(1, (8, 12)), (2, (16, 24))])
def test_output_has_the_size_of_the_stride(upsample: int, size: tuple[int, int]) -> None:
    neck = FusionNeck((4, 6, 8), 5, 7).eval()
    maps = tuple(torch.randn(2, c, 64 // s, 96 // s) for c, s in ((4, 8), (6, 16), (8, 32)))
    with torch.no_grad():
        assert neck(maps, upsample).shape == (2, 7, *size)


def test_upsampled_stages_lie_over_each_other() -> None:
    """A blob in the same place of every stage stays in one place of the fused map."""
    neck = FusionNeck((1, 1, 1), 1, 1).eval()
    for module in (*neck.project, neck.fuse):
        torch.nn.init.constant_(module.weight, 1.0)
    maps = []
    for stride in (8, 16, 32):
        cells = torch.zeros(1, 1, 128 // stride, 128 // stride)
        cells[..., 64 // stride :, 64 // stride :] = 1  # the lower right quarter
        maps.append(cells)
    with torch.no_grad():
        for module in neck.project:
            module.bias.zero_()
        fused = neck(tuple(maps))[0, 0]
    torch.testing.assert_close(fused, fused.T)
    inside, outside = fused[8:, 8:], fused[:6, :6]
    assert inside.min() > 3 * outside.max().clamp(min=1e-3)
