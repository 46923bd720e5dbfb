"""USD files as OpenUSD itself reads them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import OutputError
from core.mesh_io.axes import AxesName, axes_of
from core.mesh_io.motion import hand_motions
from core.mesh_io.surface import linear_from_srgb
from core.mesh_io.usd import write_usd
from core.session.take import Take
from core.session.tracks import settled_betas
from core.topology import MODEL_JOINT_NAMES
from tests.factories import hand_model, hand_poser, make_take


@pytest.fixture
def pxr() -> Any:
    return pytest.importorskip("pxr", reason="the optional package usd-core is not installed")


def write(take: Take, path: Path, name: AxesName = "unity") -> Path:
    axes = axes_of(name)
    write_usd(path, hand_motions(take, hand_model(), axes), 30, axes, lambda done, total: None)
    return path


def skinned(stage: Any, name: str, frame: int) -> np.ndarray:
    """Vertices as OpenUSD's own skinning gives them."""
    from pxr import Gf, Usd, UsdGeom, UsdSkel, Vt

    cache = UsdSkel.Cache()
    root = UsdSkel.Root.Get(stage, f"/hands/{name}")
    cache.Populate(root, Usd.PrimDefaultPredicate)
    mesh = UsdGeom.Mesh.Get(stage, f"/hands/{name}/skin")
    skeleton = cache.GetSkelQuery(UsdSkel.Skeleton.Get(stage, f"/hands/{name}/skeleton"))
    query = cache.GetSkinningQuery(mesh.GetPrim())
    transforms = skeleton.ComputeSkinningTransforms(frame)
    points = Vt.Vec3fArray(mesh.GetPointsAttr().Get())
    assert query.ComputeSkinnedPoints(transforms, points, frame)
    assert query.GetGeomBindTransform() == Gf.Matrix4d(1)
    return np.array(points)


@pytest.mark.parametrize("suffix", [".usda", ".usdc", ".usd"])
def test_hands_move_as_they_did(pxr: Any, tmp_path: Path, suffix: str) -> None:
    from pxr import Usd

    take = make_take(6)
    stage = Usd.Stage.Open(str(write(take, tmp_path / f"walk{suffix}")))
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, 5)
    assert stage.GetTimeCodesPerSecond() == 30
    for index, name in enumerate(("right_0", "left_1")):
        track = take.tracks[index]
        betas = np.tile(settled_betas(track), (6, 1))
        right = np.full(6, track.side == "right")
        posed = hand_poser().pose(right, track.pose, betas, track.transl).vertices * (1, -1, -1)
        for frame in (0, 5):
            distance = np.linalg.norm(skinned(stage, name, frame) - posed[frame], axis=1)
            assert distance.mean() < 0.0008
            assert distance.max() < 0.006


def test_every_finger_joint_moves(pxr: Any, tmp_path: Path) -> None:
    from pxr import Usd, UsdSkel

    stage = Usd.Stage.Open(str(write(make_take(6), tmp_path / "walk.usda")))
    animation = UsdSkel.Animation.Get(stage, "/hands/right_0/animation")
    assert [path.split("/")[-1] for path in animation.GetJointsAttr().Get()] == [*MODEL_JOINT_NAMES]
    turns = np.array(
        [
            [(*quat.GetImaginary(), quat.GetReal()) for quat in animation.GetRotationsAttr().Get(t)]
            for t in range(6)
        ]
    )
    assert (np.ptp(turns, axis=0).max(-1) > 0.01).all()


@pytest.mark.parametrize(
    ("name", "up", "unit", "height"),
    [
        ("unity", "Y", 1.0, 1.0),
        ("maya", "Y", 0.01, 100.0),
        ("blender", "Z", 1.0, 1.0),
        ("unreal", "Z", 0.01, 100.0),
    ],
)
def test_the_stage_says_what_is_up_and_how_long_a_unit_is(
    pxr: Any, tmp_path: Path, name: AxesName, up: str, unit: float, height: float
) -> None:
    from pxr import Usd, UsdGeom, UsdSkel

    take = make_take(2, sides=("right",))
    stage = Usd.Stage.Open(str(write(take, tmp_path / "walk.usda", name)))
    assert UsdGeom.GetStageUpAxis(stage) == up
    assert UsdGeom.GetStageMetersPerUnit(stage) == unit
    animation = UsdSkel.Animation.Get(stage, "/hands/right_0/animation")
    wrist = animation.GetTranslationsAttr().Get(1)[0]
    above = wrist[1] if up == "Y" else wrist[2]
    assert above == pytest.approx(-take.tracks[0].transl[1, 1] * height, abs=1e-4)


def test_a_missing_hand_is_invisible(pxr: Any, tmp_path: Path) -> None:
    from pxr import Usd, UsdGeom

    take = make_take(8, gaps={1: range(3, 5)})
    stage = Usd.Stage.Open(str(write(take, tmp_path / "walk.usda")))
    hand = UsdGeom.Imageable.Get(stage, "/hands/left_1")
    shown = [hand.ComputeVisibility(frame) for frame in range(8)]
    assert shown == ["inherited"] * 3 + ["invisible"] * 2 + ["inherited"] * 3


def test_colour_and_weights_are_there(pxr: Any, tmp_path: Path) -> None:
    from pxr import Usd, UsdGeom, UsdSkel

    stage = Usd.Stage.Open(str(write(make_take(1), tmp_path / "walk.usdc")))
    mesh = UsdGeom.Mesh.Get(stage, "/hands/right_0/skin")
    colour = np.array(mesh.GetDisplayColorAttr().Get())[0]
    np.testing.assert_allclose(colour, linear_from_srgb(np.array([0.2, 0.5, 0.8])), atol=1e-6)
    binding = UsdSkel.BindingAPI(mesh.GetPrim())
    weights = np.array(binding.GetJointWeightsPrimvar().Get()).reshape(-1, 6)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)


def test_without_usd_core_one_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pxr.Gf", None)
    with pytest.raises(OutputError) as caught:
        write(make_take(1), tmp_path / "walk.usda")
    assert caught.value.code == "OUT-03"
    assert "manyhands[usd]" in caught.value.remedy
