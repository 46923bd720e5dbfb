"""Binary glTF 2.0: every hand skinned and animated in one file.

glTF fixes the axes (y up, z to the viewer) and the unit (metres). Skinning there is linear, so
the model's pose correctives (a few millimetres at most) are left out unless they are asked for:
then each of them is a morph target whose weight is animated, which makes the surface exact.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.geometry import vertex_normals
from core.mesh_io.motion import TIP_NAMES, TIP_PARENTS, HandMotion
from core.mesh_io.surface import linear_from_srgb, strongest_weights
from core.topology import MODEL_JOINT_NAMES, MODEL_PARENTS, NUM_MODEL_JOINTS

_JSON_CHUNK: Final = 0x4E4F534A
_BINARY_CHUNK: Final = 0x004E4942
_ARRAY_BUFFER: Final = 34962
_INDEX_BUFFER: Final = 34963
_INFLUENCES: Final = 4
_COMPONENT: Final = {"u1": 5121, "u2": 5123, "u4": 5125, "f4": 5126}
_SHAPE: Final = {(): "SCALAR", (3,): "VEC3", (4,): "VEC4", (16,): "MAT4"}


def write_glb(
    path: Path,
    hands: Sequence[HandMotion],
    times_s: NDArray[np.floating],
    correctives: bool = False,
) -> None:
    """Write the hands (in the scene frame, metres) with their motion at `times_s` (T,).

    A hand is hidden, by its scale, in the frames that lack it.

    Args:
        path: of the file.
        hands: each over the same T frames.
        times_s: rising, s.
        correctives: add the pose correctives as morph targets.

    Raises:
        OSError: the file cannot be written.
    """
    document = _Document()
    if hands and len(times_s):
        clock = document.accessor((times_s - times_s[0]).astype("f4"), bounds=True)
        for hand in hands:
            _Hand(document, hand, clock, times_s, correctives).add()
    document.write(path)


class _Document:
    """A glTF document as it grows: its JSON, and the bytes that it points to."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.roots: list[int] = []
        self.meshes: list[dict[str, Any]] = []
        self.materials: list[dict[str, Any]] = []
        self.skins: list[dict[str, Any]] = []
        self.channels: list[dict[str, Any]] = []
        self.samplers: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._views: list[dict[str, Any]] = []
        self._parts: list[bytes] = []
        self._size = 0

    def node(self, **content: Any) -> int:
        """Add a node and return its number."""
        self.nodes.append(content)
        return len(self.nodes) - 1

    def accessor(
        self, values: NDArray[Any], target: int | None = None, bounds: bool = False
    ) -> int:
        """Add an array (N, ...) and return the number of its accessor."""
        data = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
        view = {"buffer": 0, "byteOffset": self._size, "byteLength": data.nbytes}
        if target is not None:
            view["target"] = target
        self._views.append(view)
        padding = -data.nbytes % 4
        self._parts += [data.tobytes(), bytes(padding)]
        self._size += data.nbytes + padding
        accessor: dict[str, Any] = {
            "bufferView": len(self._views) - 1,
            "componentType": _COMPONENT[data.dtype.str[1:]],
            "count": len(data),
            "type": _SHAPE[data.shape[1:]],
        }
        if bounds:
            rows = data.reshape(len(data), -1)
            accessor |= {"min": rows.min(0).tolist(), "max": rows.max(0).tolist()}
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def animate(
        self, node: int, path: str, clock: int, values: int, interpolation: str = "LINEAR"
    ) -> None:
        """Let a property of a node follow the accessor `values` at the times of `clock`."""
        sampler = {"input": clock, "output": values, "interpolation": interpolation}
        self.samplers.append(sampler)
        target = {"node": node, "path": path}
        self.channels.append({"sampler": len(self.samplers) - 1, "target": target})

    def write(self, path: Path) -> None:
        """Write header, JSON and bytes."""
        document: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "ManyHands"},
            "scene": 0,
            "scenes": [{"name": "hands"} | ({"nodes": self.roots} if self.roots else {})],
        }
        optional = {
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": self.materials,
            "skins": self.skins,
            "accessors": self._accessors,
            "bufferViews": self._views,
        }
        document |= {name: part for name, part in optional.items() if part}
        if self.channels:
            animation = {"name": "take", "channels": self.channels, "samplers": self.samplers}
            document["animations"] = [animation]
        if self._size:
            document["buffers"] = [{"byteLength": self._size}]
        text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + (8 + self._size if self._size else 0)
        with path.open("wb") as stream:
            stream.write(struct.pack("<4sII", b"glTF", 2, total))
            stream.write(struct.pack("<II", len(text), _JSON_CHUNK) + text)
            if self._size:
                stream.write(struct.pack("<II", self._size, _BINARY_CHUNK))
                for part in self._parts:
                    stream.write(part)


class _Hand:
    """Adds one hand to a document."""

    def __init__(
        self,
        document: _Document,
        hand: HandMotion,
        clock: int,
        times_s: NDArray[np.floating],
        correctives: bool,
    ) -> None:
        self._document, self._hand, self._clock = document, hand, clock
        self._times_s, self._correctives = times_s, correctives

    def add(self) -> None:
        document, hand = self._document, self._hand
        joints = self._joints()
        armature = document.node(name=hand.name, children=[joints[0]])
        mesh = document.node(name=f"{hand.name}_skin", mesh=self._mesh(), skin=self._skin(joints))
        document.roots += [armature, mesh]
        for joint, node in enumerate(joints[:NUM_MODEL_JOINTS]):
            values = document.accessor(hand.quat_xyzw[:, joint])
            document.animate(node, "rotation", self._clock, values)
        document.animate(joints[0], "translation", self._clock, document.accessor(hand.root))
        self._hide(armature)
        if self._correctives:
            weights = document.accessor(hand.pose_feature().ravel())
            document.animate(mesh, "weights", self._clock, weights)

    def _joints(self) -> list[int]:
        """Add the 16 joints and, so that the last bones have a length, the 5 fingertips."""
        document, hand = self._document, self._hand
        rest = hand.rest_joints
        nodes = []
        for joint, (name, parent) in enumerate(zip(MODEL_JOINT_NAMES, MODEL_PARENTS, strict=True)):
            place = hand.root[0] if parent < 0 else rest[joint] - rest[parent]
            turn = hand.quat_xyzw[0, joint].tolist()
            name = f"{hand.name}_{name}"
            nodes.append(document.node(name=name, translation=place.tolist(), rotation=turn))
            if parent >= 0:
                document.nodes[nodes[parent]].setdefault("children", []).append(nodes[joint])
        for name, parent, tip in zip(TIP_NAMES, TIP_PARENTS, hand.rest_tips, strict=True):
            place = tip - rest[parent]
            leaf = document.node(name=f"{hand.name}_{name}", translation=place.tolist())
            document.nodes[nodes[parent]].setdefault("children", []).append(leaf)
            nodes.append(leaf)
        return nodes

    def _skin(self, joints: list[int]) -> int:
        rest = np.concatenate((self._hand.rest_joints, self._hand.rest_tips))
        inverse_bind = np.tile(np.eye(4, dtype="f4"), (len(rest), 1, 1))
        inverse_bind[:, 3, :3] = -rest  # column-major
        matrices = self._document.accessor(inverse_bind.reshape(-1, 16))
        self._document.skins.append(
            {"inverseBindMatrices": matrices, "joints": joints, "skeleton": joints[0]}
        )
        return len(self._document.skins) - 1

    def _mesh(self) -> int:
        document, hand = self._document, self._hand
        joints, weights = strongest_weights(hand.weights, _INFLUENCES)
        positions = hand.vertices.astype("f4")

        def attribute(values: NDArray[Any], bounds: bool = False) -> int:
            return document.accessor(values, _ARRAY_BUFFER, bounds)

        primitive: dict[str, Any] = {
            "attributes": {
                "POSITION": attribute(positions, bounds=True),
                "NORMAL": attribute(vertex_normals(positions, hand.faces)),
                "COLOR_0": attribute(linear_from_srgb(hand.albedo)),
                "JOINTS_0": attribute(joints.astype("u1")),
                "WEIGHTS_0": attribute(weights),
            },
            "indices": document.accessor(
                hand.faces.ravel().astype("u2" if len(positions) < 1 << 16 else "u4"),
                _INDEX_BUFFER,
            ),
            "material": self._material(),
        }
        mesh: dict[str, Any] = {"name": f"{hand.name}_skin", "primitives": [primitive]}
        if self._correctives:
            targets = np.ascontiguousarray(np.moveaxis(hand.posedirs, 2, 0), "f4")
            primitive["targets"] = [{"POSITION": attribute(part, True)} for part in targets]
            mesh["weights"] = hand.pose_feature()[0].tolist()
            mesh["extras"] = {"targetNames": [f"corrective_{i}" for i in range(len(targets))]}
        document.meshes.append(mesh)
        return len(document.meshes) - 1

    def _material(self) -> int:
        surface = {"metallicFactor": 0, "roughnessFactor": 0.7}
        self._document.materials.append(
            {"name": "skin", "pbrMetallicRoughness": surface, "doubleSided": True}
        )
        return len(self._document.materials) - 1

    def _hide(self, armature: int) -> None:
        """Shrink the hand to nothing where it is missing; keys only where that changes."""
        present = self._hand.present
        if present.all():
            return
        changes = np.flatnonzero(np.diff(present, prepend=~present[0]))
        seconds = (self._times_s[changes] - self._times_s[0]).astype("f4")
        scale = np.repeat(present[changes, None], 3, axis=1).astype("f4")
        clock = self._document.accessor(seconds, bounds=True)
        self._document.animate(
            armature, "scale", clock, self._document.accessor(scale), interpolation="STEP"
        )
