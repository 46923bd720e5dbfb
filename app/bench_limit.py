"""What the network would take if nothing but its arithmetic or its bytes took time.

The roofline of Williams et al. 2009: operations over the rate of a large matrix product, bytes over
the memory's bandwidth, both measured on this machine with the engine's own library and threads.
"""

import time
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.assets import checked_weights
from core.engines.threads import inference_threads

if TYPE_CHECKING:
    import openvino

_SIDE: Final = 1024
_COPY_BYTES: Final = 1 << 27
_REPEATS: Final = 7
_FP32_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Limit:
    """The network's work, this machine's rates, and the least time of a picture.

    Attributes:
        operations: multiplications and additions of convolutions and matrix products.
        bytes_moved: weights read once; each of their results written and read once.
        gflops: rate of a matrix product, with the engine's threads.
        gbytes_s: bandwidth of a copy, read and written, in one thread.
        threads: of the matrix product.
        least_ms: the larger of both times.
    """

    operations: int
    bytes_moved: int
    gflops: float
    gbytes_s: float
    threads: int
    least_ms: float


def physical_limit(profile: str, input_size: tuple[int, int]) -> Limit:
    """Count the network's work at (height, width) px and measure the machine.

    Raises:
        ImportError: OpenVINO is not installed; it reads the network here.
        ModelFileError: the weights are missing or damaged.
    """
    from core.engines.openvino import the_core

    path, _ = checked_weights(profile, "onnx")
    model = the_core().read_model(path)
    model.reshape([1, 3, *input_size])
    operations, moved = work_of(model)
    threads = inference_threads()
    gflops, gbytes_s = _matrix_product_rate(threads), _copy_bandwidth()
    least_ms = max(operations / gflops, moved / gbytes_s) / 1e6
    return Limit(operations, moved, gflops, gbytes_s, threads, least_ms)


def work_of(model: "openvino.Model") -> tuple[int, int]:
    """Return operations and bytes of a network with fixed shapes.

    Raises:
        ValueError: a shape is free.
    """
    operations = moved = 0
    for op in model.get_ordered_ops():
        kind = op.get_type_name()
        if kind not in ("Convolution", "GroupConvolution", "MatMul"):
            continue
        out = prod(op.get_output_shape(0))
        operations += 2 * out * _terms(op, kind)
        moved += 2 * out * _FP32_BYTES
        moved += sum(
            _FP32_BYTES * prod(op.get_input_shape(port))
            for port in (0, 1)
            if _is_constant(op.input_value(port).get_node())
        )
    return operations, moved


def _terms(op: Any, kind: str) -> int:
    """Return how many products one number of the result sums."""
    if kind == "MatMul":
        shape = op.get_input_shape(0)
        return int(shape[-2] if op.get_attributes()["transpose_a"] else shape[-1])
    # (out, in, height, width) of the kernel, with the groups before that.
    return prod(op.get_input_shape(1)[2 if kind == "GroupConvolution" else 1 :])


def _is_constant(node: Any) -> bool:
    """Say whether a value is stored in the file; half precision has a conversion behind it."""
    while node.get_type_name() in ("Convert", "Reshape", "Transpose") and node.get_input_size():
        node = node.input_value(0).get_node()
    return bool(node.get_type_name() == "Constant")


def _matrix_product_rate(threads: int) -> float:
    """Return GFLOP/s of an FP32 product of two large matrices, the best of several."""
    import openvino
    import openvino.opset13 as ops

    from core.engines.openvino import the_core

    a, b = (ops.parameter([_SIDE, _SIDE], openvino.Type.f32) for _ in range(2))
    model = openvino.Model([ops.matmul(a, b, False, False)], [a, b], "product")
    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
    request = the_core().compile_model(model, "CPU", settings).create_infer_request()
    matrix = np.ones((_SIDE, _SIDE), np.float32)
    request.set_input_tensor(0, openvino.Tensor(matrix))
    request.set_input_tensor(1, openvino.Tensor(matrix))
    return 2 * _SIDE**3 / _best_s(request.infer) / 1e9


def _copy_bandwidth() -> float:
    """Return GB/s of a large copy, bytes read and written, the best of several."""
    source, target = np.ones(_COPY_BYTES, np.uint8), np.empty(_COPY_BYTES, np.uint8)
    return 2 * _COPY_BYTES / _best_s(lambda: np.copyto(target, source)) / 1e9


def _best_s(body: Any) -> float:
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times)
