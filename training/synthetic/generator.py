"""SyntheticGenerator: batches of training pictures with exact labels, made on the device."""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from core.hand_model.file import HandModel
from core.hand_model.skinning_torch import HandLayer
from training.batch import TrainingBatch
from training.open_hand.pose_prior import pose_prior, sample_pose
from training.synthetic.camera_effects import (
    CameraConfig,
    Cameras,
    defocus,
    develop,
    expose,
    motion_blur,
    sample_cameras,
)
from training.synthetic.dice import Dice
from training.synthetic.parts import CLOTHS, PosedHands
from training.synthetic.placing import image_of, place_hands
from training.synthetic.render import Layers, Renderer
from training.synthetic.sampler import sample_scene
from training.synthetic.scene import Backdrops, Scene, SceneConfig, to_device
from training.synthetic.shading import sh_basis
from training.synthetic.textures import linear_from_srgb

#: Finger poses drawn once and used throughout: drawing them tests for collisions and takes time.
POSE_BANK = 16_384
# Joints outside the frame are guesses for a network that cannot see them.
_OUTSIDE_CONFIDENCE = 0.3
# Most of the light that falls on the hands is the light of the room behind them.
_ROOM_ALBEDO = 0.32
# Mean linear light that cameras expose for.
_METERED_MEAN = 0.24


class SyntheticGenerator:
    """Makes TrainingBatches; the same seed, size and device make the same pictures."""

    def __init__(
        self,
        layer: HandLayer,
        model: HandModel,
        skins: Tensor,
        backgrounds: Tensor,
        device: torch.device | str,
        config: SceneConfig | None = None,
        camera: CameraConfig | None = None,
        poses: Tensor | None = None,
    ) -> None:
        """Prepare all banks on the device.

        Args:
            layer: of `model`; it is moved to the device.
            model: a right hand with UVs; without a forearm, hands end at the wrist.
            skins: (S, 3, T, T) uint8 sRGB in the model's UV, T a power of two.
            backgrounds: (N, 3, h, w) uint8 sRGB.
            device: to draw on.
            config: of scenes.
            camera: of cameras.
            poses: (Q, 15, 3, 3) finger rotations to draw from; from the pose prior if None.
        """
        self.device = torch.device(device)
        self.config, self.camera = config or SceneConfig(), camera or CameraConfig()
        self.renderer = Renderer(layer, model, skins, self.device)
        self.backgrounds = backgrounds.to(self.device)
        if poses is None:
            prior = pose_prior(model)
            poses = sample_pose(POSE_BANK, torch.Generator().manual_seed(0), prior)
        self.poses = poses.to(self.device)

    @torch.no_grad()
    def batch(self, seed: int, count: int, height: int, width: int) -> TrainingBatch:
        """Make `count` pictures of height x width px, M = the most hands that the config knows."""
        dice = Dice(seed)
        banks = (len(self.poses), self.renderer.stock.skins, len(self.backgrounds), CLOTHS)
        scene = sample_scene(self.config, dice, count, height, width, banks)
        cameras = sample_cameras(self.camera, dice, count, width)
        scene, cameras = to_device(scene, self.device), to_device(cameras, self.device)
        fingers = self.poses[scene.hands.pose_index]
        pose = torch.cat((scene.hands.orient[:, None], fingers), 1)
        posed = self.renderer.pose(pose, scene.hands)
        posed = posed.moved(place_hands(posed.joints, scene, height, width))
        layers = self.renderer.render(scene, posed, height, width)
        generator = torch.Generator(self.device).manual_seed(seed)
        image, exposure, cameras = self._compose(scene, layers, cameras, generator, height, width)
        return self._labels(scene, posed, pose, layers, cameras, exposure, image)

    def _compose(
        self,
        scene: Scene,
        layers: Layers,
        cameras: Cameras,
        generator: torch.Generator,
        height: int,
        width: int,
    ) -> tuple[Tensor, Tensor, Cameras]:
        """Pictures (P, 3, H, W) uint8, how bright the hands are lit (P,), cameras as exposed."""
        back = backdrop(self.backgrounds, scene.backdrops, height, width)
        room = back.mean((1, 2, 3))
        exposure = (room / _ROOM_ALBEDO).clamp(0.12, 1.6) ** 0.8 * scene.lights.exposure
        front = layers.foreground
        front = torch.cat((front[:, :3] * exposure[:, None, None, None], front[:, 3:]), 1)
        front = defocus(motion_blur(front, cameras.motion), cameras.hand_blur)
        back = defocus(back, cameras.back_blur)
        linear = back * (1 - front[:, 3:]) + front[:, :3]
        # Cameras expose for the middle of the range, though not all the way.
        mean = linear.clamp(max=1.5).mean((1, 2, 3))
        metered = (_METERED_MEAN / mean.clamp(min=1e-4)).clamp(0.3, 8) ** 0.75
        cameras = replace(cameras, exposure=cameras.exposure * metered)
        return expose(linear, cameras, generator), exposure, cameras

    def _labels(
        self,
        scene: Scene,
        posed: PosedHands,
        pose: Tensor,
        layers: Layers,
        cameras: Cameras,
        exposure: Tensor,
        image: Tensor,
    ) -> TrainingBatch:
        hands, K = scene.hands, scene.K
        height, width = image.shape[2:]
        shape = (len(K), len(self.config.hand_count_weights) - 1)
        where = (hands.picture, hands.slot)

        def slots(values: Tensor) -> Tensor:
            empty = values.new_zeros((*shape, *values.shape[1:]))
            return empty.index_put(where, values)

        points = image_of(posed.joints, K[hands.picture])
        limit = points.new_tensor([width - 1, height - 1])
        inside = ((points >= 0) & (points <= limit)).all(-1)
        confidence = torch.where(inside, 1.0, _OUTSIDE_CONFIDENCE)
        valid = layers.visible >= self.config.min_visible
        ignore = torch.cat((points.amin(1).clamp(min=0), points.amax(1)), -1)
        ignore = torch.minimum(ignore, limit.repeat(2)).clamp(min=0) * ~valid[:, None]
        eye = torch.eye(3, device=K.device).expand(*shape, 16, 3, 3)
        light = fit_light(layers, posed, hands.picture, cameras, exposure)
        return TrainingBatch(
            image=image,
            K=K[:, None].expand(*shape, 3, 3),
            valid=slots(valid),
            side=slots((~hands.is_left).long()),
            keypoints_2d=slots(points),
            keypoint_confidence=slots(confidence * valid[:, None]),
            joints_3d=slots(posed.joints),
            pose=eye.index_put(where, pose),
            betas=slots(hands.betas),
            has_3d=slots(valid),
            ignore_xyxy=slots(ignore),
            hand_index=layers.hand_index,
            albedo=slots(layers.albedo),
            light=slots(light),
        )


def backdrop(bank: Tensor, backdrops: Backdrops, height: int, width: int) -> Tensor:
    """Linear backgrounds (P, 3, H, W): a turned crop of a photo, or a wall lit from somewhere."""
    count = len(backdrops.index)
    grid = functional.affine_grid(backdrops.theta, [count, 3, height, width], align_corners=False)
    photo = bank[backdrops.index].float() / 255
    photo = functional.grid_sample(photo, grid, padding_mode="reflection", align_corners=False)
    wall = backdrops.wall.view(count, 2, 2, 3).permute(0, 3, 1, 2)
    wall = functional.interpolate(wall, (height, width), mode="bilinear", align_corners=False)
    plain = backdrops.plain[:, None, None, None]
    return torch.where(plain, wall, linear_from_srgb(photo) * backdrops.gain[:, :, None, None])


def fit_light(
    layers: Layers, posed: PosedHands, picture: Tensor, cameras: Cameras, exposure: Tensor
) -> Tensor:
    """Light (N, 27), colour-major, such that albedo * light is the displayed colour of the skin.

    Ridge regression of the nine harmonics over the vertices that face the camera; in display space,
    because that is where a network compares its own rendering with the picture.
    """
    count = len(picture)
    if count == 0:
        return layers.albedo.new_zeros(0, 27)
    own = Cameras(*(getattr(cameras, name)[picture] for name in Cameras.__dataclass_fields__))
    linear = layers.radiance * exposure[picture, None, None]
    shown = develop(linear.transpose(1, 2), own).transpose(1, 2)
    facing = (posed.normals * -posed.vertices).sum(-1, keepdim=True) > 0
    basis = sh_basis(posed.normals)
    light = []
    for colour in range(3):
        rows = basis * layers.albedo[..., colour, None] * facing
        normal = rows.mT @ rows
        ridge = 1e-3 * rows.shape[1] * torch.eye(9, device=rows.device)
        right = rows.mT @ shown[..., colour, None]
        light.append(torch.linalg.solve_ex(normal + ridge, right).result.squeeze(-1))
    return torch.cat(light, -1)
