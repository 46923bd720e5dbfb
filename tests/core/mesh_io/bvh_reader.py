"""A small reader of BVH, by the format's description alone."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation


def about(axis: str, degrees: np.ndarray) -> Rotation:
    """Turns about one axis by angles (F,)."""
    return Rotation.from_rotvec(np.outer(degrees, np.eye(3)["XYZ".index(axis)]), degrees=True)


@dataclass
class Joint:
    name: str
    parent: int
    offset: np.ndarray
    channels: list[str] = field(default_factory=list)
    end: np.ndarray | None = None


@dataclass
class Bvh:
    joints: list[Joint]
    frame_time: float
    motion: np.ndarray

    def rotations(self) -> dict[str, np.ndarray]:
        """(F, 3, 3) of each joint, relative to its parent."""
        result, start = {}, 0
        for joint in self.joints:
            columns = self.motion[:, start : start + len(joint.channels)]
            start += len(joint.channels)
            turn = Rotation.identity(len(columns))
            for name, values in zip(joint.channels, columns.T, strict=True):
                if name.endswith("rotation"):
                    turn = turn * about(name[0], values)
            result[joint.name] = turn.as_matrix()
        return result

    def places(self) -> dict[str, np.ndarray]:
        """(F, 3) of each joint and of each end, `NAME end`."""
        turns, result, world = self.rotations(), {}, {}
        for joint in self.joints:
            if joint.parent < 0:
                result[joint.name], world[joint.name] = self.motion[:, :3], turns[joint.name]
            else:
                above = self.joints[joint.parent].name
                result[joint.name] = result[above] + world[above] @ joint.offset
                world[joint.name] = world[above] @ turns[joint.name]
            if joint.end is not None:
                tip = result[joint.name] + world[joint.name] @ joint.end
                result[f"{joint.name} end"] = tip
        return result


def read_bvh(path: Path) -> Bvh:
    lines = iter(path.read_text("ascii").splitlines())
    assert next(lines) == "HIERARCHY"
    joints: list[Joint] = []
    stack: list[int] = []
    ending = False
    for line in lines:
        words = line.split()
        if words[0] in ("ROOT", "JOINT"):
            joints.append(Joint(words[1], stack[-1] if stack else -1, np.zeros(3)))
        elif words[:2] == ["End", "Site"]:
            ending = True
        elif words[0] == "{":
            stack.append(len(joints) - 1)
        elif words[0] == "}":
            stack.pop()
            ending = False
        elif words[0] == "OFFSET":
            offset = np.array(words[1:], float)
            if ending:
                joints[stack[-1]].end = offset
            else:
                joints[stack[-1]].offset = offset
        elif words[0] == "CHANNELS":
            joints[stack[-1]].channels = words[2:]
            assert int(words[1]) == len(words[2:])
        elif words[0] == "MOTION":
            break
    frames = int(next(lines).removeprefix("Frames: "))
    frame_time = float(next(lines).removeprefix("Frame Time: "))
    motion = np.array([line.split() for line in lines], float)
    assert motion.shape == (frames, sum(len(joint.channels) for joint in joints))
    return Bvh(joints, frame_time, motion)
