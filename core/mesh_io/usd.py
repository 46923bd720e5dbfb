"""USD with UsdSkel: every hand a SkelRoot with skeleton, animation and bound mesh.

The stage says which axis is up and how long a unit is. UsdSkel skins linearly, so the model's
pose correctives (a few millimetres at most) are left out. Needs the package `usd-core`.
"""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.errors import OutputError
from core.geometry import vertex_normals
from core.mesh_io.axes import Axes
from core.mesh_io.motion import TIP_NAMES, TIP_PARENTS, HandMotion, joint_paths
from core.mesh_io.surface import linear_from_srgb, strongest_weights
from core.topology import MODEL_PARENTS, NUM_MODEL_JOINTS

#: No vertex of the hand hangs on more joints.
_INFLUENCES: Final = 6

ShowProgress = Callable[[int, int | None], None]


def write_usd(
    path: Path,
    hands: Sequence[HandMotion],
    rate_hz: float,
    axes: Axes,
    show_progress: ShowProgress,
) -> None:
    """Write the hands, whose frames come at an even rate; a missing hand is invisible.

    Args:
        path: ends with .usd, .usda (text) or .usdc.
        hands: each over the same T frames, in `axes`.
        rate_hz: frames per second.
        axes: of `hands`; USD knows y and z as up.
        show_progress: called with frames done and in all; may raise to stop.

    Raises:
        OutputError: OUT-03 there is no usd-core.
        OSError: the file cannot be written.
    """
    pxr = _pxr()
    stage = pxr.Usd.Stage.CreateNew(str(path))
    if stage is None:
        raise OSError(None, "USD cannot make the file", str(path))
    pxr.UsdGeom.SetStageUpAxis(stage, axes.up)
    pxr.UsdGeom.SetStageMetersPerUnit(stage, axes.metres_per_unit)
    frames = len(hands[0].root) if hands else 0
    stage.SetTimeCodesPerSecond(rate_hz)
    stage.SetFramesPerSecond(rate_hz)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(max(frames - 1, 0))
    root = pxr.UsdGeom.Xform.Define(stage, "/hands")
    stage.SetDefaultPrim(root.GetPrim())
    animated = [_Hand(pxr, stage, hand) for hand in hands]
    for frame in range(frames):
        for hand in animated:
            hand.set_frame(frame)
        show_progress(frame + 1, frames)
    if not stage.GetRootLayer().Save():
        raise OSError(None, "USD cannot write the file", str(path))


class _Pxr:
    """The modules of usd-core in use."""

    def __init__(self) -> None:
        self.Gf: Any = importlib.import_module("pxr.Gf")
        self.Usd: Any = importlib.import_module("pxr.Usd")
        self.UsdGeom: Any = importlib.import_module("pxr.UsdGeom")
        self.UsdSkel: Any = importlib.import_module("pxr.UsdSkel")
        self.Sdf: Any = importlib.import_module("pxr.Sdf")
        self.Vt: Any = importlib.import_module("pxr.Vt")


def _pxr() -> _Pxr:
    try:
        return _Pxr()
    except ImportError as error:
        raise OutputError(
            "OUT-03",
            "writing USD needs the package usd-core, which is not installed",
            "Install the extra: pip install 'manyhands[usd]', or export glb.",
        ) from error


class _Hand:
    """One hand on the stage."""

    def __init__(self, pxr: _Pxr, stage: Any, hand: HandMotion) -> None:
        self._pxr, self._hand = pxr, hand
        path = f"/hands/{hand.name}"
        self._root = pxr.UsdSkel.Root.Define(stage, path)
        joints = joint_paths()
        skeleton = self._skeleton(stage, f"{path}/skeleton", joints)
        animation = pxr.UsdSkel.Animation.Define(stage, f"{path}/animation")
        animation.CreateJointsAttr(list(joints))
        self._translations = animation.CreateTranslationsAttr()
        self._rotations = animation.CreateRotationsAttr()
        ones = np.ones((NUM_MODEL_JOINTS, 3), np.float16)
        animation.CreateScalesAttr(pxr.Vt.Vec3hArray.FromNumpy(ones))
        binding = pxr.UsdSkel.BindingAPI.Apply(skeleton.GetPrim())
        binding.CreateAnimationSourceRel().SetTargets([animation.GetPrim().GetPath()])
        self._mesh(stage, f"{path}/skin", skeleton)
        self._visibility = self._root.CreateVisibilityAttr()
        self._offsets = hand.rest_joints - hand.rest_joints[list(_parents())]

    def _skeleton(self, stage: Any, path: str, joints: tuple[str, ...]) -> Any:
        """Define joints and, so that the last bones have a length, fingertips."""
        pxr, hand = self._pxr, self._hand
        tips = [f"{joints[parent]}/{name}" for parent, name in zip(TIP_PARENTS, TIP_NAMES,
                                                                    strict=True)]  # fmt: skip
        skeleton = pxr.UsdSkel.Skeleton.Define(stage, path)
        skeleton.CreateJointsAttr([*joints, *tips])
        bind = np.concatenate((hand.rest_joints, hand.rest_tips))
        above = bind[[*_parents(), *TIP_PARENTS]]
        skeleton.CreateBindTransformsAttr(self._shifts(bind))
        skeleton.CreateRestTransformsAttr(self._shifts(bind - above))
        return skeleton

    def _shifts(self, places: Any) -> Any:
        gf = self._pxr.Gf
        shift = [gf.Matrix4d(1).SetTranslate(gf.Vec3d(*place)) for place in places.tolist()]
        return self._pxr.Vt.Matrix4dArray(shift)

    def _mesh(self, stage: Any, path: str, skeleton: Any) -> None:
        pxr, hand = self._pxr, self._hand
        vectors = pxr.Vt.Vec3fArray.FromNumpy
        integers = pxr.Vt.IntArray.FromNumpy
        mesh = pxr.UsdGeom.Mesh.Define(stage, path)
        vertices = np.ascontiguousarray(hand.vertices, np.float32)
        mesh.CreatePointsAttr(vectors(vertices))
        mesh.CreateFaceVertexCountsAttr(integers(np.full(len(hand.faces), 3, np.int32)))
        mesh.CreateFaceVertexIndicesAttr(integers(hand.faces.ravel().astype(np.int32)))
        mesh.CreateNormalsAttr(vectors(vertex_normals(vertices, hand.faces)))
        mesh.SetNormalsInterpolation(pxr.UsdGeom.Tokens.vertex)
        mesh.CreateSubdivisionSchemeAttr(pxr.UsdGeom.Tokens.none)
        mesh.CreateExtentAttr(vectors(np.stack((vertices.min(0), vertices.max(0)))))
        mesh.CreateDoubleSidedAttr(True)
        colour = mesh.CreateDisplayColorPrimvar(pxr.UsdGeom.Tokens.vertex)
        colour.Set(vectors(linear_from_srgb(hand.albedo)))
        binding = pxr.UsdSkel.BindingAPI.Apply(mesh.GetPrim())
        binding.CreateSkeletonRel().SetTargets([skeleton.GetPrim().GetPath()])
        joints, weights = strongest_weights(hand.weights, _INFLUENCES)
        indices = integers(joints.ravel().astype(np.int32))
        binding.CreateJointIndicesPrimvar(False, _INFLUENCES).Set(indices)
        values = pxr.Vt.FloatArray.FromNumpy(weights.ravel())
        binding.CreateJointWeightsPrimvar(False, _INFLUENCES).Set(values)
        binding.CreateGeomBindTransformAttr(pxr.Gf.Matrix4d(1))

    def set_frame(self, frame: int) -> None:
        """Author the pose of a frame."""
        vt, hand = self._pxr.Vt, self._hand
        places = self._offsets.copy()
        places[0] = hand.root[frame]
        self._translations.Set(vt.Vec3fArray.FromNumpy(places), frame)
        # A quaternion lies in memory as x, y, z, w.
        turns = np.ascontiguousarray(hand.quat_xyzw[frame], np.float32)
        self._rotations.Set(vt.QuatfArray.FromNumpy(turns), frame)
        if frame == 0 or hand.present[frame] != hand.present[frame - 1]:
            tokens = self._pxr.UsdGeom.Tokens
            shown = tokens.inherited if hand.present[frame] else tokens.invisible
            self._visibility.Set(shown, frame)


def _parents() -> tuple[int, ...]:
    """Return each model joint's parent; the wrist, which lies at the origin, is its own."""
    return tuple(max(parent, 0) for parent in MODEL_PARENTS)
