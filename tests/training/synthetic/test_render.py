"""Sides, depth order and placing."""

from dataclasses import replace

import torch

from core.hand_model.file import HandModel
from tests.training.synthetic.conftest import HANDS_ALONE, HEIGHT, WIDTH, make_generator
from training.synthetic.dice import Dice
from training.synthetic.generator import SyntheticGenerator
from training.synthetic.parts import CLOTHS, PosedHands
from training.synthetic.placing import place_hands
from training.synthetic.sampler import sample_scene
from training.synthetic.scene import Scene

# Fingers up, palm to the camera.
PALM = torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])


def one_scene(seed: int, hands: int, pictures: int = 1) -> Scene:
    weights = tuple(float(number == hands) for number in range(5))
    config = replace(HANDS_ALONE, hand_count_weights=weights)
    return sample_scene(config, Dice(seed), pictures, HEIGHT, WIDTH, (2, 2, 2, CLOTHS))


def flat_pose(scene: Scene) -> torch.Tensor:
    fingers = torch.eye(3).expand(len(scene.hands.picture), 15, 3, 3)
    return torch.cat((scene.hands.orient[:, None], fingers), 1)


def placed(generator: SyntheticGenerator, scene: Scene) -> PosedHands:
    posed = generator.renderer.pose(flat_pose(scene), scene.hands)
    return posed.moved(place_hands(posed.joints, scene, HEIGHT, WIDTH))


def test_a_right_palm_shows_its_thumb_on_the_right_and_a_left_one_on_the_left(
    hand: HandModel,
) -> None:
    generator = make_generator(hand)
    for is_left in (False, True):
        scene = one_scene(0, 1)
        hands = replace(scene.hands, is_left=torch.tensor([is_left]), orient=PALM[None])
        scene = replace(scene, hands=hands)
        joints = placed(generator, scene).joints[0]
        thumb, little, middle = joints[4], joints[20], joints[12]
        assert middle[1] < joints[0, 1]  # fingers up: y points down
        assert (thumb[0] > little[0]) == (not is_left)


def test_the_palm_that_faces_the_camera_is_drawn_outside_out(hand: HandModel) -> None:
    """A hand drawn inside out would show the far wall: its normals would look away."""
    generator = make_generator(hand)
    scene = one_scene(1, 2)
    posed = placed(generator, scene)
    towards = -torch.nn.functional.normalize(posed.vertices, dim=-1)
    nearest = posed.vertices[..., 2].argsort(1)[:, :50]
    facing = (posed.normals * towards).sum(-1).gather(1, nearest)
    assert (facing > 0).float().mean() > 0.9


def two_hands_on_one_spot(generator: SyntheticGenerator) -> tuple[Scene, PosedHands]:
    scene = one_scene(2, 2)
    orient = PALM.expand(2, 3, 3)
    hands = replace(scene.hands, orient=orient, is_left=torch.tensor([False, False]))
    scene = replace(scene, hands=hands)
    posed = generator.renderer.pose(flat_pose(scene), scene.hands)
    centre = torch.tensor([[0.0, 0.05, 0.4], [0.0, 0.05, 0.5]])
    return scene, posed.moved(centre)


def test_the_nearer_hand_hides_the_farther_one(hand: HandModel) -> None:
    generator = make_generator(hand)
    scene, posed = two_hands_on_one_spot(generator)
    layers = generator.renderer.render(scene, posed, HEIGHT, WIDTH)
    point = posed.joints[:, 9, :2] / posed.joints[:, 9, 2:] * scene.K[0, 0, 0] + scene.K[0, :2, 2]
    column, row = point[0].round().long()
    assert layers.hand_index[0, row, column] == 0
    assert layers.visible[0] > 0.9
    assert layers.visible[1] < 0.5


def test_visible_is_about_one_for_a_hand_in_full_view_and_falls_at_the_border(
    hand: HandModel,
) -> None:
    generator = make_generator(hand)
    scene, posed = two_hands_on_one_spot(generator)
    apart = posed.moved(torch.tensor([[-0.15, 0.0, 0.4], [0.02, 0.12, 0.3]]))
    layers = generator.renderer.render(scene, apart, 2 * HEIGHT, WIDTH)
    assert layers.visible[0] > 0.85
    half = posed.moved(torch.tensor([[0.0, 0.0, 0.0], [-0.4, 0.0, 0.0]]))
    assert generator.renderer.render(scene, half, HEIGHT, WIDTH).visible[1] < 0.5


def test_hands_get_the_size_they_were_drawn_for_unless_they_come_too_near(
    hand: HandModel,
) -> None:
    generator = make_generator(hand)
    scene = one_scene(5, 2, pictures=8)
    posed = placed(generator, scene)
    wanted = scene.hands.size_px
    far = (posed.joints[..., 2].amin(1) > 0.3) & ~scene.hands.interacts
    K = scene.K[scene.hands.picture]
    image = posed.joints[..., :2] / posed.joints[..., 2:] * K[:, :1, :1]
    box = (image.amax(1) - image.amin(1)).amax(-1)
    assert far.sum() >= 6
    ratio = (box / wanted)[far]
    assert ((ratio > 0.75) & (ratio < 1.5)).all()
    assert (posed.joints[..., 2] > 0.15).all()


def test_half_of_the_joints_are_in_the_frame(hand: HandModel) -> None:
    generator = make_generator(hand)
    scene = one_scene(6, 1, pictures=24)
    posed = placed(generator, scene)
    image = (
        posed.joints[..., :2] / posed.joints[..., 2:] * scene.K[:, :1, :1] + scene.K[:, None, :2, 2]
    )
    limit = torch.tensor([WIDTH - 1, HEIGHT - 1])
    inside = ((image >= 0) & (image <= limit)).all(-1).sum(1)
    assert (inside >= 11).float().mean() > 0.9
