"""Draw a contact sheet of synthetic pictures with their labels: `python -m ...preview --out X`."""

import argparse
import tarfile
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from core.hand_model.file import load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.topology import BONES
from training.batch import TrainingBatch
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.skins import photographic_skins, procedural_skins

_FINGER_BGR = ((60, 60, 255), (0, 170, 255), (60, 220, 60), (255, 160, 0), (255, 60, 200))


def draw_labels(batch: TrainingBatch, index: int, masks: bool = False) -> np.ndarray:
    """One picture (H, W, 3) uint8 BGR with joints, sides, ignored regions and hand masks."""
    picture = batch.image[index].permute(1, 2, 0).cpu().numpy()[..., ::-1].copy()
    if masks and batch.hand_index is not None:
        mask = batch.hand_index[index].cpu().numpy()
        for slot in range(batch.valid.shape[1]):
            colour = np.array(_FINGER_BGR[slot % len(_FINGER_BGR)])
            picture[mask == slot] = picture[mask == slot] // 2 + colour // 2
    for box in batch.ignore_xyxy[index].cpu().numpy().astype(int):
        if box.any():
            cv2.rectangle(picture, box[:2].tolist(), box[2:].tolist(), (0, 0, 255), 1)
    for slot in batch.valid[index].nonzero().flatten().tolist():
        points = batch.keypoints_2d[index, slot].cpu().numpy()
        for a, b in BONES:
            colour = _FINGER_BGR[(b - 1) // 4]
            ends = (points[[a, b]] * 8).round().astype(int)
            cv2.line(picture, ends[0].tolist(), ends[1].tolist(), colour, 1, cv2.LINE_AA, 3)
        side = "LR"[int(batch.side[index, slot])]
        at = points[0].astype(int).tolist()
        cv2.putText(picture, side, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 2)
    return picture


def contact_sheet(batch: TrainingBatch, columns: int, labels: bool, masks: bool) -> np.ndarray:
    """All pictures of a batch side by side, uint8 BGR."""
    tiles = [
        draw_labels(batch, index, masks)
        if labels
        else batch.image[index].permute(1, 2, 0).cpu().numpy()[..., ::-1]
        for index in range(len(batch) // columns * columns)
    ]
    rows = [np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)]
    return np.vstack(rows)


def read_backgrounds(path: Path, height: int = 288, width: int = 384) -> Tensor:
    """Backgrounds (N, 3, h, w) uint8 RGB from a tar or a folder of .jpg files."""
    if path.is_dir():
        files = [file.read_bytes() for file in sorted(path.glob("*.jpg"))]
    else:
        with tarfile.open(path) as tar:
            members = [m for m in tar.getmembers() if m.name.endswith(".jpg")]
            files = [stream.read() for m in members if (stream := tar.extractfile(m))]
    images = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in files]
    sized = [cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA) for image in images]
    return torch.from_numpy(np.stack(sized)[..., ::-1].transpose(0, 3, 1, 2).copy())


def main() -> None:
    """Render a sheet and say how fast it went."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--backgrounds", type=Path, help="a tar or folder of .jpg files")
    parser.add_argument("--skins", type=Path, help="folder of photographic skins to add")
    parser.add_argument("--skin-count", type=int, default=56)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--height", type=int, default=288)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--plain", action="store_true", help="draw no labels")
    parser.add_argument("--masks", action="store_true", help="colour the hand masks")
    parser.add_argument("--repeat", type=int, default=0, help="batches to time")
    arguments = parser.parse_args()
    model = load_hand_model(arguments.model)
    skins = procedural_skins(model, arguments.skin_count, cache=arguments.cache)
    if arguments.skins:
        skins = torch.cat((skins, photographic_skins(arguments.skins, skins.shape[-1])))
    backgrounds = torch.randint(256, (8, 3, 36, 48), dtype=torch.uint8)
    if arguments.backgrounds:
        backgrounds = read_backgrounds(arguments.backgrounds)
    generator = SyntheticGenerator(HandLayer(model), model, skins, backgrounds, arguments.device)
    size = (arguments.count, arguments.height, arguments.width)
    batch = generator.batch(arguments.seed, *size)
    sheet = contact_sheet(batch, arguments.columns, not arguments.plain, arguments.masks)
    cv2.imwrite(str(arguments.out), sheet)
    for number in range(arguments.repeat):
        if arguments.device.startswith("cuda"):
            torch.cuda.synchronize()
        start = time.perf_counter()
        generator.batch(1000 + number, *size).image.cpu()
        print(f"{arguments.count / (time.perf_counter() - start):.1f} pictures/s")


if __name__ == "__main__":
    main()
