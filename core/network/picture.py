"""A network that takes the source's own picture: letterboxing inside, answers in its pixels.

Made for GPUs, which scale a picture in microseconds: it is uploaded once, as the camera gave it.
On a CPU, OpenCV's own scaling is a hundred times cheaper than two matrix products, so the CPU
engines take the letterboxed picture instead.
"""

import math

import torch
from torch import Tensor, nn

from core.hand_model.skinning_torch import full_precision
from core.network.network import HandNetwork, NetworkOutput
from core.preprocess import image_from_letterbox, letterbox, letterbox_matrices


class PictureNetwork(nn.Module):
    """Letterbox, network and the way back to the picture's pixels, for one size of picture.

    An engine made of it states the picture's size as its input size; `prepare` then passes
    frames of that size on as they are.
    """

    rows: Tensor
    columns: Tensor
    scale: Tensor
    offset: Tensor

    def __init__(
        self, network: HandNetwork, picture_size: tuple[int, int], input_size: tuple[int, int]
    ) -> None:
        """Wrap a network; both sizes are (height, width) px."""
        super().__init__()
        self.network = network
        rows, columns = letterbox_matrices(picture_size, input_size)
        self.register_buffer("rows", torch.from_numpy(rows), persistent=False)
        self.register_buffer("columns", torch.from_numpy(columns.T.copy()), persistent=False)
        box = letterbox(picture_size, input_size)
        back = image_from_letterbox(picture_size, box)
        self.register_buffer("scale", torch.tensor([back[0, 0], back[1, 1]]), persistent=False)
        self.register_buffer("offset", torch.tensor([back[0, 2], back[1, 2]]), persistent=False)
        #: Picture pixels per input pixel; the two axes differ by the rounding of the inner size.
        self._magnified = math.sqrt(float(back[0, 0]) * float(back[1, 1]))

    def forward(self, picture: Tensor) -> NetworkOutput:
        """Find up to K hands in one picture (height, width, 3) uint8 RGB; px are the picture's."""
        found: NetworkOutput = self.network(self.scaled(picture))
        return found._replace(
            keypoints_2d=found.keypoints_2d * self.scale + self.offset,
            middle_mcp_2d=found.middle_mcp_2d * self.scale + self.offset,
            pixels_per_metre=found.pixels_per_metre * self._magnified,
        )

    def scaled(self, picture: Tensor) -> Tensor:
        """Letterbox (height, width, 3) uint8 to (1, 3, height, width) float in whole grey levels.

        Rounded as OpenCV rounds, so that every engine sees the same picture.
        """
        with full_precision(self.rows):
            height, width = picture.shape[:2]
            narrow = self.rows @ picture.float().reshape(height, width * 3)
            planes = narrow.reshape(-1, width, 3).permute(2, 0, 1) @ self.columns
            return planes.round().unsqueeze(0)
