"""A plain evaluator of animated, skinned glTF: what an importer would draw."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib
from scipy.spatial.transform import Rotation

_TYPES = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTH = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass
class Gltf:
    """A file as pygltflib reads it."""

    document: pygltflib.GLTF2

    @classmethod
    def load(cls, path: Path) -> "Gltf":
        return cls(pygltflib.GLTF2().load_binary(str(path)))

    def array(self, index: int) -> np.ndarray:
        accessor = self.document.accessors[index]
        view = self.document.bufferViews[accessor.bufferView]
        start = (view.byteOffset or 0) + (accessor.byteOffset or 0)
        width = _WIDTH[accessor.type]
        values = np.frombuffer(
            self.document.binary_blob(),
            _TYPES[accessor.componentType],
            accessor.count * width,
            start,
        )
        return values.reshape(accessor.count, width) if width > 1 else values

    def node(self, name: str) -> int:
        return [node.name for node in self.document.nodes].index(name)

    def channel(self, node: int, path: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Times and values that a property of a node follows."""
        animation = self.document.animations[0]
        for channel in animation.channels:
            if channel.target.node == node and channel.target.path == path:
                sampler = animation.samplers[channel.sampler]
                return self.array(sampler.input), self.array(sampler.output)
        return None

    def global_transforms(self, frame: int) -> dict[int, np.ndarray]:
        """(4, 4) of each node at a key of the animation."""
        result: dict[int, np.ndarray] = {}

        def visit(index: int, parent: np.ndarray) -> None:
            result[index] = parent @ self._local(index, frame)
            for child in self.document.nodes[index].children or ():
                visit(child, result[index])

        for root in self.document.scenes[0].nodes:
            visit(root, np.eye(4))
        return result

    def _local(self, index: int, frame: int) -> np.ndarray:
        node: Any = self.document.nodes[index]
        values = {
            "translation": node.translation or (0, 0, 0),
            "rotation": node.rotation or (0, 0, 0, 1),
            "scale": node.scale or (1, 1, 1),
        }
        for path in ("translation", "rotation"):
            channel = self.channel(index, path)
            if channel is not None:
                values[path] = channel[1][frame]
        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_quat(values["rotation"]).as_matrix()
        matrix[:3, :3] *= np.asarray(values["scale"], float)
        matrix[:3, 3] = values["translation"]
        return matrix

    def skinned(self, name: str, frame: int) -> np.ndarray:
        """Vertices (V, 3) of a hand's skin at a key of the animation."""
        index = self.node(f"{name}_skin")
        node = self.document.nodes[index]
        primitive = self.document.meshes[node.mesh].primitives[0]
        rest = self.array(primitive.attributes.POSITION).astype(float)
        if primitive.targets:
            channel = self.channel(index, "weights")
            assert channel is not None
            weights = channel[1].reshape(-1, len(primitive.targets))[frame]
            for target, weight in zip(primitive.targets, weights, strict=True):
                rest = rest + weight * self.array(target["POSITION"])
        skin = self.document.skins[node.skin]
        world = self.global_transforms(frame)
        inverse = self.array(skin.inverseBindMatrices).reshape(-1, 4, 4).swapaxes(1, 2)
        matrices = np.array([world[j] for j in skin.joints]) @ inverse
        joints = self.array(primitive.attributes.JOINTS_0)
        weights = self.array(primitive.attributes.WEIGHTS_0)
        blended = np.einsum("vk,vkij->vij", weights, matrices[joints])
        return np.einsum("vij,vj->vi", blended[:, :3, :3], rest) + blended[:, :3, 3]
