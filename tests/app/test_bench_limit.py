import numpy as np
import pytest

pytest.importorskip("openvino", reason="the extra openvino is not installed")
import openvino
import openvino.opset13 as ops

from app import bench_limit
from app.bench_limit import physical_limit, work_of


def convolution(groups: int) -> object:
    """3x3 over (1, 8, 10, 12), 16 channels out, and then a product with a (192, 7) matrix."""
    x = ops.parameter([1, 8, 10, 12], openvino.Type.f32)
    if groups == 1:
        kernel = ops.constant(np.ones((16, 8, 3, 3), np.float32))
        y = ops.convolution(x, kernel, [1, 1], [1, 1], [1, 1], [1, 1])
    else:
        kernel = ops.constant(np.ones((groups, 16 // groups, 8 // groups, 3, 3), np.float32))
        y = ops.group_convolution(x, kernel, [1, 1], [1, 1], [1, 1], [1, 1])
    rows = ops.reshape(y, ops.constant([10, 192]), False)
    product = ops.matmul(rows, ops.constant(np.ones((192, 7), np.float32)), False, False)
    return openvino.Model([product], [x], "work")


@pytest.mark.parametrize("groups", [1, 4])
def test_operations_and_bytes_are_those_counted_by_hand(groups: int) -> None:
    operations, moved = work_of(convolution(groups))
    of_convolution = 2 * (16 * 10 * 12) * (8 // groups * 9)
    of_product = 2 * (10 * 7) * 192
    assert operations == of_convolution + of_product
    weights = 16 * (8 // groups) * 9 + 192 * 7
    results = 16 * 10 * 12 + 10 * 7
    assert moved == 4 * (weights + 2 * results)


def test_limit_is_the_larger_of_both_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_limit, "_matrix_product_rate", lambda threads: 100.0)
    for bandwidth in (1.0, 1e6):
        monkeypatch.setattr(bench_limit, "_copy_bandwidth", lambda b=bandwidth: b)
        limit = physical_limit("lite", (160, 288))
        times = (limit.operations / 100e6, limit.bytes_moved / (bandwidth * 1e6))
        assert limit.least_ms == pytest.approx(max(times))
    assert limit.operations > 1e8


def test_rates_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_limit, "_SIDE", 64)
    monkeypatch.setattr(bench_limit, "_COPY_BYTES", 1 << 16)
    assert bench_limit._matrix_product_rate(1) > 0
    assert bench_limit._copy_bandwidth() > 0
