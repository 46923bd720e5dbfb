"""Renders the demo clip with its truth: `python -m training.synthetic.demo_clip --background X`.

Four hands over ten seconds: two of one person that cross, one that leaves and returns, one that
turns over; one of them holds still for more than two seconds. Every number is a key at a time; the
motion between them is a monotone cubic, so equal keys mean no motion at all.
"""

import argparse
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from scipy.interpolate import PchipInterpolator
from torch import Tensor

from core.geometry import intrinsics_from_fov
from core.hand_model.file import HandModel, load_hand_model
from core.hand_model.skinning_torch import HandLayer
from core.rotations import rotmat_from_rotvec
from training.open_hand.pose_prior import GESTURES, PosePrior, pose_from_angles, pose_prior
from training.synthetic.camera_effects import Cameras, defocus, expose
from training.synthetic.dice import Dice
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.parts import CLOTHS
from training.synthetic.placing import image_of
from training.synthetic.sampler import sample_scene
from training.synthetic.scene import Scene, SceneConfig
from training.synthetic.skins import procedural_skins
from training.synthetic.textures import linear_from_srgb

WIDTH, HEIGHT, FPS, SECONDS, FOV_DEG = 1280, 720, 30, 10, 65.0
# A hand counts as visible when this share of its area is seen.
_VISIBLE = 0.25


@dataclass(frozen=True, slots=True)
class Key:
    """Where a hand is at a time.

    Attributes:
        time: s.
        wrist: m, camera frame.
        turn: degrees about the forearm: 0 shows the palm, 180 the back.
        flex: degrees of wrist flexion.
        gesture: a name of the pose prior.
    """

    time: float
    wrist: tuple[float, float, float]
    turn: float
    flex: float
    gesture: str


@dataclass(frozen=True, slots=True)
class Actor:
    """One hand of the clip.

    Attributes:
        is_left: anatomical side.
        elbow: m, camera frame, where the forearm comes from.
        skin: seed of the skin; betas_seed: of the shape.
        cloth, cuff, tint: the sleeve (cloth -1: bare arm).
        keys: in order of time.
    """

    is_left: bool
    elbow: tuple[float, float, float]
    skin: int
    betas_seed: int
    cloth: int
    cuff: float
    tint: tuple[float, float, float]
    keys: tuple[Key, ...]


#: The two hands of one person cross between 3 s and 5 s, the right one in front; the left one holds
#: still from 6 s to 8.6 s. The third leaves at 4.5 s and is back at 7 s. The fourth turns over.
ACTORS = (
    Actor(
        False, (-0.22, 0.36, 0.62), 0, 3, 3, 0.35, (0.10, 0.16, 0.32),
        (
            Key(0.0, (-0.20, 0.10, 0.52), 0, 0, "relaxed"),
            Key(1.0, (-0.18, 0.06, 0.50), 0, -10, "spread"),
            Key(2.2, (-0.16, 0.07, 0.50), 15, 0, "victory"),
            Key(3.6, (0.00, 0.08, 0.46), 20, 0, "point"),
            Key(4.4, (0.02, 0.06, 0.46), 10, 5, "flat"),
            Key(5.4, (-0.17, 0.08, 0.50), 0, 0, "fist"),
            Key(6.4, (-0.19, 0.05, 0.50), -25, -10, "ok"),
            Key(7.4, (-0.17, 0.07, 0.50), 0, 0, "call"),
            Key(8.2, (-0.21, 0.05, 0.50), 0, 0, "spread"),
            Key(8.8, (-0.15, 0.05, 0.50), 0, 0, "flat"),
            Key(9.4, (-0.21, 0.05, 0.50), 0, 0, "spread"),
            Key(10.0, (-0.17, 0.06, 0.50), 0, 0, "spread"),
        ),
    ),
    Actor(
        True, (0.20, 0.38, 0.68), 0, 3, 3, 0.35, (0.10, 0.16, 0.32),
        (
            Key(0.0, (0.14, 0.10, 0.60), 0, 0, "fist"),
            Key(1.2, (0.13, 0.07, 0.60), 0, 0, "four"),
            Key(2.4, (0.12, 0.08, 0.60), -20, 0, "flat"),
            Key(3.8, (-0.03, 0.08, 0.60), -20, 5, "pinch"),
            Key(4.6, (-0.02, 0.07, 0.60), -10, 0, "relaxed"),
            Key(5.9, (0.15, 0.07, 0.58), 0, 0, "horns"),
            Key(6.0, (0.15, 0.07, 0.58), 0, 0, "horns"),
            Key(8.6, (0.15, 0.07, 0.58), 0, 0, "horns"),
            Key(9.4, (0.13, 0.05, 0.57), 20, -10, "grip_thick"),
            Key(10.0, (0.12, 0.06, 0.57), 10, 0, "spread"),
        ),
    ),
    Actor(
        False, (0.62, 0.30, 0.85), 4, 8, 1, 0.15, (0.62, 0.10, 0.12),
        (
            Key(0.0, (0.62, 0.02, 0.72), 160, 0, "flat"),
            Key(0.8, (0.60, 0.02, 0.72), 160, 0, "flat"),
            Key(1.9, (0.33, -0.06, 0.72), 170, 0, "spread"),
            Key(2.9, (0.32, -0.10, 0.72), 150, 10, "letter_c"),
            Key(3.6, (0.33, -0.08, 0.72), 170, -5, "thumbs_up"),
            Key(4.6, (0.66, 0.00, 0.74), 160, 0, "flat"),
            Key(6.4, (0.66, 0.00, 0.74), 160, 0, "flat"),
            Key(7.4, (0.34, -0.08, 0.72), 180, 0, "three"),
            Key(8.6, (0.30, -0.11, 0.72), 200, 0, "gun"),
            Key(10.0, (0.33, -0.08, 0.72), 170, 0, "spread"),
        ),
    ),
    Actor(
        True, (-0.52, 0.44, 0.98), 1, 21, 3, 0.25, (0.05, 0.22, 0.12),
        (
            Key(0.0, (-0.60, 0.36, 0.80), 180, 0, "together"),
            Key(3.2, (-0.60, 0.36, 0.80), 180, 0, "together"),
            Key(4.6, (-0.34, -0.07, 0.78), 180, 0, "spread"),
            Key(5.6, (-0.33, -0.09, 0.78), 90, 0, "letter_l"),
            Key(6.6, (-0.32, -0.09, 0.78), 0, 0, "flat"),
            Key(7.6, (-0.34, -0.10, 0.78), -20, 15, "hook"),
            Key(8.4, (-0.33, -0.08, 0.78), 0, 0, "victory"),
            Key(9.6, (-0.60, 0.34, 0.80), 40, 0, "relaxed"),
            Key(10.0, (-0.62, 0.38, 0.80), 40, 0, "relaxed"),
        ),
    ),
)  # fmt: skip


def tracks(actor: Actor, prior: PosePrior, times: NDArray[np.float64]) -> tuple[Tensor, ...]:
    """Wrist (T, 3), turn (T,), flex (T,) rad and finger angles (T, 15, 3) rad of an actor."""
    gestures = dict(zip(GESTURES, prior.gestures, strict=True))
    key_times = np.array([key.time for key in actor.keys])
    values = np.stack(
        [
            np.concatenate(
                [key.wrist, np.radians([key.turn, key.flex]), gestures[key.gesture].flatten()]
            )
            for key in actor.keys
        ]
    )
    found = torch.from_numpy(PchipInterpolator(key_times, values)(times)).float()
    return found[:, :3], found[:, 3], found[:, 4], found[:, 5:].unflatten(-1, (15, 3))


def orientation(actor: Actor, wrist: Tensor, turn: Tensor, flex: Tensor) -> tuple[Tensor, Tensor]:
    """Global orientation and wrist bend (T, 3, 3), canonical form, of a hand on its forearm.

    The forearm points from the elbow to the wrist and turns about itself; the hand flexes on it.
    """
    mirror = torch.tensor([-1.0 if actor.is_left else 1.0, 1, 1])
    fingers = torch.nn.functional.normalize(wrist - torch.tensor(actor.elbow), dim=-1) * mirror
    towards = -torch.nn.functional.normalize(wrist, dim=-1) * mirror
    palm = towards - (towards * fingers).sum(-1, keepdim=True) * fingers
    palm = torch.nn.functional.normalize(palm, dim=-1)
    x, y = -fingers, -palm
    arm = torch.stack((x, y, torch.linalg.cross(x, y, dim=-1)), -1)
    about_x, about_z = torch.zeros(len(turn), 3), torch.zeros(len(turn), 3)
    about_x[:, 0], about_z[:, 2] = turn, flex
    bend = rotmat_from_rotvec(about_z)
    return arm @ rotmat_from_rotvec(about_x) @ bend, bend.mT


def clip_scene(actors: tuple[Actor, ...]) -> Scene:
    """One scene with the actors' shapes, skins and sleeves, and a light that does not change."""
    count = len(actors)
    config = SceneConfig(
        hand_count_weights=(0.0,) * count + (1.0,), person_share=0, held_share=0, thing_share=0
    )
    scene = sample_scene(config, Dice(7), 1, HEIGHT, WIDTH, (1, 8, 1, CLOTHS))
    betas = [Dice(actor.betas_seed).normal(10, sd=0.8) for actor in actors]
    bare = torch.tensor([actor.cloth < 0 for actor in actors])
    hands = replace(
        scene.hands,
        is_left=torch.tensor([actor.is_left for actor in actors]),
        betas=torch.stack(betas),
        skin=torch.tensor([actor.skin for actor in actors]),
        skin_gain=torch.ones(count, 3),
        upper_arm=torch.nn.functional.normalize(torch.tensor([[0.0, 0.8, 0.5]] * count), dim=-1),
        cuff=torch.where(bare, 0.97, torch.tensor([actor.cuff for actor in actors])),
        sleeve_offset=torch.where(bare, 0.0, torch.full((count,), 0.007)),
        cloth=torch.tensor([actor.cloth for actor in actors]),
        cloth_tint=torch.tensor([actor.tint for actor in actors]),
    )
    lights = replace(
        scene.lights,
        ambient=torch.tensor([0.62, 0.16, -0.08, 0.06, 0, 0, 0, 0, 0])[None, :, None]
        * torch.tensor([1.06, 1.0, 0.90]),
        direction=torch.nn.functional.normalize(
            torch.tensor([[[-0.5, -0.8, -0.7], [0.9, -0.2, -0.4]]]), dim=-1
        ),
        colour=torch.tensor([[[0.75, 0.68, 0.55], [0.16, 0.19, 0.24]]]),
        gloss=torch.tensor([0.06]),
        exposure=torch.ones(1),
    )
    K = torch.from_numpy(intrinsics_from_fov(WIDTH, HEIGHT, FOV_DEG))[None]
    return replace(scene, hands=hands, lights=lights, K=K)


def steady_camera() -> Cameras:
    """A webcam in good light."""
    zero, one = torch.zeros(1), torch.ones(1)
    return Cameras(
        motion=torch.zeros(1, 2),
        hand_blur=0.6 * one,
        back_blur=3.0 * one,
        exposure=1.0 * one,
        white_balance=torch.tensor([[0.97, 1.0, 1.06]]),
        gamma=one,
        contrast=one,
        saturation=one,
        shot_noise=0.010 * one,
        read_noise=0.002 * one,
        quality=100 * one,
        softness=zero,
        vignette=0.15 * one,
    )


def read_background(path: Path, top: float) -> Tensor:
    """Linear background (1, 3, H, W): the picture's full width, from `top` (share of height)."""
    image = cv2.imread(str(path))
    if image is None:
        raise ValueError(f"{path} is not a picture")
    rows = round(image.shape[1] * HEIGHT / WIDTH)
    first = min(round(top * image.shape[0]), image.shape[0] - rows)
    if first < 0:
        raise ValueError(f"{path} is flatter than 16:9")
    image = cv2.resize(image[first : first + rows], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    tensor = torch.from_numpy(image[..., ::-1].transpose(2, 0, 1).copy())[None]
    return linear_from_srgb(tensor.float() / 255)


class ClipRenderer:
    """Renders one frame after the other of the clip, with its truth."""

    def __init__(self, model: HandModel, skins: Tensor, background: Tensor) -> None:
        """Compute all motion ahead of the pictures."""
        room = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
        self.poses = torch.eye(3).expand(1, 15, 3, 3)
        self.generator = SyntheticGenerator(
            HandLayer(model), model, skins, room, "cpu", poses=self.poses
        )
        self.scene = clip_scene(ACTORS)
        self.camera = steady_camera()
        self.background = defocus(background, self.camera.back_blur)
        prior = pose_prior(model)
        times = np.arange(FPS * SECONDS) / FPS
        self.wrist, pose, bend = [], [], []
        for actor in ACTORS:
            wrist, turn, flex, angles = tracks(actor, prior, times)
            orient, wrist_bend = orientation(actor, wrist, turn, flex)
            self.wrist.append(wrist)
            bend.append(wrist_bend)
            pose.append(torch.cat((orient[:, None], pose_from_angles(angles, prior.axes)), 1))
        self.pose, self.bend = torch.stack(pose, 1), torch.stack(bend, 1)

    @torch.no_grad()
    def frame(self, number: int) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float32]]]:
        """Picture (H, W, 3) uint8 RGB of a frame, and its truth."""
        renderer = self.generator.renderer
        hands = replace(self.scene.hands, wrist_bend=self.bend[number])
        scene = replace(self.scene, hands=hands)
        posed = renderer.pose(self.pose[number], hands)
        posed = posed.moved(torch.stack([wrist[number] for wrist in self.wrist]))
        layers = renderer.render(scene, posed, HEIGHT, WIDTH)
        front = defocus(layers.foreground, self.camera.hand_blur)
        linear = self.background * (1 - front[:, 3:]) + front[:, :3]
        noise = torch.Generator().manual_seed(number)
        picture = expose(linear, self.camera, noise)[0].permute(1, 2, 0).numpy()
        truth = {
            "keypoints_2d": image_of(posed.joints, scene.K.expand(len(ACTORS), 3, 3)).numpy(),
            "joints_3d": posed.joints.numpy(),
            "visible_share": layers.visible.clamp(max=1).numpy(),
        }
        return picture, truth


def write_clip(out: Path, clip: ClipRenderer, bit_rate: int) -> None:
    """Write demo.mp4 (H.264, a key frame every second) and truth.npz, under their final names last.

    Args:
        out: folder.
        clip: the renderer.
        bit_rate: bit/s.
    """
    out.mkdir(parents=True, exist_ok=True)
    video, truths = out / ".demo.part.mp4", []
    with av.open(str(video), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = bit_rate
        stream.codec_context.gop_size = FPS
        stream.options = {"preset": "slow"}
        for number in track(range(FPS * SECONDS), "Rendering"):
            picture, truth = clip.frame(number)
            truths.append(truth)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    stacked = {name: np.stack([truth[name] for truth in truths]) for name in truths[0]}
    np.savez_compressed(
        out / "truth.npz",
        hand_id=np.arange(len(ACTORS)),
        side=np.array(["left" if actor.is_left else "right" for actor in ACTORS]),
        visible=stacked["visible_share"] >= _VISIBLE,
        K=clip.scene.K[0].numpy(),
        fps=np.float32(FPS),
        pose=clip.pose.numpy(),
        betas=clip.scene.hands.betas.numpy(),
        **stacked,
    )
    video.replace(out / "demo.mp4")


def main() -> None:
    """Render the clip."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("resources/demo"))
    parser.add_argument("--background", type=Path, required=True, help="a photo, 16:9 or taller")
    parser.add_argument("--top", type=float, default=0.0, help="where its crop starts, in [0, 1]")
    parser.add_argument("--model", type=Path, default=Path("resources/hand/open_hand_right.npz"))
    parser.add_argument("--cache", type=Path, help="folder for the painted skins")
    parser.add_argument("--bit-rate", type=int, default=4_200_000)
    parser.add_argument("--frame", type=int, help="write this frame alone, as demo.png")
    arguments = parser.parse_args()
    model = load_hand_model(arguments.model)
    skins = procedural_skins(model, 8, cache=arguments.cache)
    clip = ClipRenderer(model, skins, read_background(arguments.background, arguments.top))
    if arguments.frame is not None:
        cv2.imwrite(str(arguments.out / "demo.png"), clip.frame(arguments.frame)[0][..., ::-1])
        return
    write_clip(arguments.out, clip, arguments.bit_rate)


if __name__ == "__main__":
    main()
