import pytest
import torch
from torch import Tensor

from core.network.window import HandWindow, WholeHand, WindowReading
from tests.networks import TINY

FINE_CHANNELS, MID_CHANNELS = 5, 6


def window() -> HandWindow:
    torch.manual_seed(0)
    return HandWindow(TINY, FINE_CHANNELS, MID_CHANNELS).eval()


def maps(height: int = 64, width: int = 96) -> tuple[Tensor, Tensor, Tensor]:
    """Random maps of stride 8, 4 and 16."""
    draw = torch.Generator().manual_seed(1)
    fused, fine, mid = (
        torch.randn(1, channels, height // stride, width // stride, generator=draw)
        for channels, stride in ((TINY.channels, 8), (FINE_CHANNELS, 4), (MID_CHANNELS, 16))
    )
    return fused, fine, mid


def keypoints(centre: tuple[float, float], size: float) -> Tensor:
    """Local keypoints (1, 1, 21, 2) px whose box is that of the corners."""
    corners = torch.tensor([[-0.5, -0.5], [0.5, 0.5]]).repeat(11, 1)[:21]
    return (torch.tensor(centre) + size * corners)[None, None]


@pytest.mark.parametrize("size", [20.0, 50.0])
def test_points_are_spread_evenly_around_the_hand(size: float) -> None:
    with torch.no_grad():
        points = window()(*maps(), keypoints((40, 30), size)).points[0, 0]
    torch.testing.assert_close(points.mean(0), torch.tensor([40.0, 30.0]))
    side = TINY.window_cells
    steps = points.view(side, side, 2)[:, 1:] - points.view(side, side, 2)[:, :-1]
    expected = torch.tensor([1.6 * size / side, 0.0]).expand_as(steps)
    torch.testing.assert_close(steps, expected, atol=1e-4, rtol=0)


def test_a_keypoint_is_the_mean_of_its_heat() -> None:
    module = window()
    with torch.no_grad():
        reading = module(*maps(), keypoints((40, 30), 30))
    mean = (reading.log_heat[0, 0].exp()[..., None] * reading.points[0, 0]).sum(1)
    torch.testing.assert_close(reading.keypoints_2d[0, 0], mean, atol=1e-3, rtol=0)
    torch.testing.assert_close(reading.log_heat.exp().sum(-1), torch.ones(1, 1, 21))


def test_a_hand_of_another_size_and_place_is_seen_the_same() -> None:
    """The same features under the window give the same cells, whatever the scale."""
    module = window()
    ramp = torch.linspace(-1, 1, 12).repeat(8, 1)
    seen = []
    for scale, place in ((1.0, (40.0, 30.0)), (0.5, (60.0, 40.0))):
        x = (torch.arange(12) * 8 + 3.5 - place[0]) / scale / 40
        fused = x.expand(1, TINY.channels, *ramp.shape).contiguous()
        fine, mid = torch.zeros(1, FINE_CHANNELS, 16, 24), torch.zeros(1, MID_CHANNELS, 4, 6)
        with torch.no_grad():
            seen.append(module(fused, fine, mid, keypoints(place, 36 * scale)).cells)
    torch.testing.assert_close(seen[0], seen[1], atol=1e-4, rtol=0)


def test_left_hands_feature_is_that_of_the_mirrored_window() -> None:
    module = window()
    with torch.no_grad():
        reading = module(*maps(), keypoints((40, 30), 40))
        mirrored = WindowReading(*reading[:3], reading.cells.flip(-1))
        left = module.hand_feature(reading, torch.tensor([[True]]))
        right = module.hand_feature(reading, torch.tensor([[False]]))
        torch.testing.assert_close(left, module.hand_feature(mirrored, torch.tensor([[False]])))
    assert not torch.allclose(left, right)


def test_one_corner_of_a_window_is_seen_from_the_opposite_one() -> None:
    torch.manual_seed(0)
    side = TINY.window_cells
    whole = WholeHand(4, 6, side)
    x = torch.rand(1, 4, side, side, requires_grad=True)
    assert not whole(x).any()  # as built it adds nothing
    torch.nn.init.normal_(whole.back.weight)
    whole(x)[0, :, -1, -1].sum().backward()
    assert x.grad is not None
    assert x.grad[0, :, :2, :2].abs().max() > 0


def test_the_finest_map_is_read_where_it_has_learnt_something() -> None:
    module = window()
    torch.nn.init.normal_(module.fine.weight)
    fused, fine, mid = maps()
    with torch.no_grad():
        one = module(fused, fine, mid, keypoints((40, 30), 30)).cells
        fine[..., 9, 11] += 5.0  # stride 4: centre (45.5, 37.5) px, beside a point
        other = module(fused, fine, mid, keypoints((40, 30), 30)).cells
        fine[..., 0, 0] += 5.0  # outside of the window
        far = module(fused, fine, mid, keypoints((40, 30), 30)).cells
    assert not torch.allclose(one, other)
    torch.testing.assert_close(other, far)


def test_nothing_is_learnt_through_the_place_of_the_window() -> None:
    local = keypoints((40, 30), 40).requires_grad_()
    assert not window()(*maps(), local).points.requires_grad
