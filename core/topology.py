"""Joint names, parents and edges of the hand: constants.

Two orders exist. *Model joints* (16) follow MANO: wrist, index 1-3, middle 1-3, little 1-3,
ring 1-3, thumb 1-3. *Joints* (21) follow OpenPose: wrist, then thumb to little, base to tip.
"""

from typing import Final

NUM_MODEL_JOINTS: Final = 16
NUM_JOINTS: Final = 21
NUM_BETAS: Final = 10

#: Parent of each of the 16 model joints; the wrist has none.
MODEL_PARENTS: Final = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 0, 10, 11, 0, 13, 14)
MODEL_JOINT_NAMES: Final = (
    "wrist",
    *(
        f"{finger}_{level}"
        for finger in ("index", "middle", "little", "ring", "thumb")
        for level in (1, 2, 3)
    ),
)

FINGERS: Final = ("thumb", "index", "middle", "ring", "little")
#: Names of the 21 joints in OpenPose order.
JOINT_NAMES: Final = (
    "wrist",
    *(
        f"{finger}_{level}"
        for finger in FINGERS
        for level in (
            ("cmc", "mcp", "ip", "tip") if finger == "thumb" else ("mcp", "pip", "dip", "tip")
        )
    ),
)
#: joints[i] = concatenation(model joints (16), tips thumb..little (5))[OPENPOSE_FROM_MODEL[i]].
OPENPOSE_FROM_MODEL: Final = (
    0, 13, 14, 15, 16, 1, 2, 3, 17, 4, 5, 6, 18, 10, 11, 12, 19, 7, 8, 9, 20,
)  # fmt: skip
#: Parent of each of the 21 joints: five chains from the wrist (SMHR, bone-direction loss).
JOINT_PARENTS: Final = (
    -1, 0, 1, 2, 3, 0, 5, 6, 7, 0, 9, 10, 11, 0, 13, 14, 15, 0, 17, 18, 19,
)  # fmt: skip
#: The 20 bones as (parent, child).
BONES: Final = tuple((parent, child) for child, parent in enumerate(JOINT_PARENTS) if parent >= 0)
WRIST: Final = 0
#: The joint that a hand is placed by: the middle finger's knuckle.
MIDDLE_MCP: Final = 9
TIPS: Final = (4, 8, 12, 16, 20)
