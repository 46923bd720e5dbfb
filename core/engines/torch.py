"""PyTorch engine: runs a HandNetwork as it is, on the CPU or a CUDA device."""

import torch

from core.engines.base import EngineDescription, RawHands, first_line
from core.errors import EngineError
from core.network.network import HandNetwork
from core.types import UInt8


class TorchEngine:
    """The reference engine: FP32, no export in between."""

    def __init__(
        self, network: HandNetwork, input_size: tuple[int, int], weights_sha256: str = ""
    ) -> None:
        """Run `network` on whatever device it is on; input_size is (height, width) px."""
        self._network = network.eval()
        self._input_size = input_size
        self._weights_sha256 = weights_sha256
        self._device = next(network.parameters()).device

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) px of the network input."""
        return self._input_size

    def describe(self) -> EngineDescription:
        """Say what runs."""
        detail = f"PyTorch {torch.__version__}, {self._device}"
        return EngineDescription("torch", detail, "fp32", self._weights_sha256)

    def run(self, image: UInt8) -> RawHands:
        """Find hands in image (height, width, 3) uint8 RGB.

        Raises:
            EngineError: ENG-02 when the library fails.
        """
        try:
            with torch.inference_mode():
                # A frame is read-only, which torch only takes with a warning.
                planar = torch.from_numpy(image.copy()).to(self._device).permute(2, 0, 1)[None]
                output = self._network(planar.contiguous())
                return RawHands(*(value.float().cpu().numpy() for value in output))
        except RuntimeError as error:
            raise EngineError(
                "ENG-02",
                f"PyTorch failed ({first_line(error)})",
                "Close other programs that use the device, or choose another engine.",
            ) from error

    def close(self) -> None:
        """Free the network's memory on the device."""
        del self._network
