"""PyTorch on a GPU: FP16, channels last, one CUDA graph over letterboxing, network and skinning.

The picture goes up from pinned memory and the hands come down into it, both within the graph, on a
stream of the engine's own: a picture is one launch and one wait. On a processor the same module
runs operation by operation, which is what tests can check without a GPU.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from core.assets import checked_weights, hand_model_path
from core.engines.base import EngineDescription, RawHands, check_picture, first_line
from core.errors import EngineError
from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.network.network import HandNetwork, NetworkOutput
from core.network.picture import PictureNetwork
from core.network.precision import HalfProducts
from core.network.weights import deployable, load_network
from core.types import UInt8

_LOG = logging.getLogger(__name__)
_WARM_UP = 3

#: Takes the work of one picture; returns what repeats it.
Recorder = Callable[[Callable[[], None]], Callable[[], None]]


class TorchCudaEngine:
    """Runs a network in half precision on whole pictures of one size."""

    def __init__(
        self,
        network: HandNetwork,
        picture_size: tuple[int, int],
        input_size: tuple[int, int],
        weights_sha256: str = "",
        device: torch.device | None = None,
        record: Recorder | None = None,
    ) -> None:
        """Copy the network to the device, warm up and record.

        Args:
            network: deployable, in FP32.
            picture_size: (height, width) px of the source's picture.
            input_size: (height, width) px of the network.
            weights_sha256: for the description.
            device: default the first GPU.
            record: makes a graph of the work; default a CUDA graph on a GPU, nothing elsewhere.

        Raises:
            EngineError: ENG-02 it does not run there, ENG-04 memory is full.
        """
        self._device = torch.device("cuda", 0) if device is None else device
        self._size = picture_size
        self._weights_sha256 = weights_sha256
        self._is_recorded = False
        self._network_alone: Callable[[], None] | None = None
        with _engine_errors("the network cannot be brought to the device"):
            self._stream: torch.cuda.Stream | None = None
            if self._on_gpu:
                self._stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
            module = HalfProducts(
                PictureNetwork(network, picture_size, input_size), self._device.type
            )
            self._module = module.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            self._host = self._pinned((*picture_size, 3), torch.uint8)
            self._picture = torch.empty_like(self._host, device=self._device)
            self._outputs = [
                self._pinned(tuple(value.shape), torch.float32) for value in self._first_run()
            ]
            self._work: Callable[[], None] = self._once
            for _ in range(_WARM_UP):
                self._launch()
        self._record(record or (self._cuda_graph if self._on_gpu else None))

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the picture it takes; it letterboxes by itself."""
        return self._size

    def describe(self) -> EngineDescription:
        """Say what runs."""
        place = torch.cuda.get_device_name(self._device) if self._on_gpu else "CPU"
        detail = f"PyTorch {torch.__version__}, {place}"
        if not self._is_recorded:
            detail += ", without CUDA graph"
        return EngineDescription("torch", detail, "fp16", self._weights_sha256)

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: ENG-02 when the library fails, ENG-04 when memory is full.
        """
        check_picture(image, self._size)
        with _engine_errors("PyTorch failed"):
            self._host.numpy()[...] = image
            self._launch()
            return RawHands(*(value.numpy().copy() for value in self._outputs))

    def repeat_network(self, count: int) -> None:
        """Run the network on the last picture so often, within the GPU's memory; for a benchmark.

        Raises:
            EngineError: ENG-02 when the library fails, ENG-04 when memory is full.
        """
        with _engine_errors("PyTorch failed"):
            if self._network_alone is None:
                work = self._only_network
                self._network_alone = self._cuda_graph(work) if self._on_gpu else work
            with torch.cuda.stream(self._stream):
                for _ in range(count):
                    self._network_alone()
            if self._stream is not None:
                self._stream.synchronize()

    def close(self) -> None:
        """Free what the engine holds on the device, the graph first."""
        self._work = _nothing
        self._network_alone = None
        del self._module, self._picture
        if self._on_gpu:
            torch.cuda.empty_cache()

    @property
    def _on_gpu(self) -> bool:
        return self._device.type == "cuda"

    def _pinned(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        return torch.zeros(shape, dtype=dtype, pin_memory=self._on_gpu)

    def _first_run(self) -> NetworkOutput:
        """Run once, to learn the shapes of what comes out."""
        with torch.inference_mode(), torch.cuda.stream(self._stream):
            found: NetworkOutput = self._module(self._picture)
        return found

    def _once(self) -> None:
        """Queue everything of one picture."""
        with torch.inference_mode():
            self._picture.copy_(self._host, non_blocking=True)
            found = self._module(self._picture)
            for host, value in zip(self._outputs, found, strict=True):
                host.copy_(value, non_blocking=True)

    def _only_network(self) -> None:
        with torch.inference_mode():
            self._module(self._picture)

    def _launch(self) -> None:
        with torch.cuda.stream(self._stream):
            self._work()
        if self._stream is not None:
            self._stream.synchronize()

    def _record(self, record: Recorder | None) -> None:
        """Make one graph of the work; where that fails, go on without."""
        if record is None:
            return
        try:
            self._work = record(self._once)
            self._is_recorded = True
        except RuntimeError as error:
            _LOG.warning("no CUDA graph: %s", first_line(error))
            self._work = self._once

    def _cuda_graph(self, work: Callable[[], None]) -> Callable[[], None]:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self._stream):
            work()
        return graph.replay


def _nothing() -> None:
    """The work of an engine that is closed."""


@contextlib.contextmanager
def _engine_errors(what: str) -> Iterator[None]:
    """Turn what torch raises into an EngineError: ENG-04 where memory is full, else ENG-02."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise EngineError(
            "ENG-04", f"the GPU's memory is full ({what})", "Close other programs."
        ) from error
    except RuntimeError as error:
        raise EngineError(
            "ENG-02",
            f"{what} ({first_line(error)})",
            "Restart ManyHands, or choose another engine.",
        ) from error


def open_on_gpu(
    profile: str, picture_size: tuple[int, int], input_size: tuple[int, int]
) -> TorchCudaEngine:
    """Open the published weights of a profile on the first GPU.

    Raises:
        ModelFileError: the weights are missing, damaged or of another network.
        EngineError: ENG-01 torch sees no GPU, ENG-02 and ENG-04 as above.
    """
    if not torch.cuda.is_available():
        raise EngineError(
            "ENG-01", f"torch {torch.__version__} sees no GPU", "Install torch with CUDA."
        )
    path, sha256 = checked_weights(profile, "safetensors")
    network = deployable(load_network(path, HandLayer(load_hand_model(hand_model_path()))))
    return TorchCudaEngine(network, picture_size, input_size, sha256)
