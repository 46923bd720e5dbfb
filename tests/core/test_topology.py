from core.topology import (
    BONES,
    FINGERS,
    JOINT_NAMES,
    JOINT_PARENTS,
    MIDDLE_MCP,
    MODEL_JOINT_NAMES,
    MODEL_PARENTS,
    NUM_JOINTS,
    NUM_MODEL_JOINTS,
    OPENPOSE_FROM_MODEL,
    TIPS,
    WRIST,
)


def test_every_joint_has_a_name_of_its_own() -> None:
    assert len(set(JOINT_NAMES)) == len(JOINT_NAMES) == len(JOINT_PARENTS) == NUM_JOINTS
    assert len(set(MODEL_JOINT_NAMES)) == len(MODEL_JOINT_NAMES) == NUM_MODEL_JOINTS
    assert len(MODEL_PARENTS) == NUM_MODEL_JOINTS


def test_parents_come_before_their_children() -> None:
    for parents in (MODEL_PARENTS, JOINT_PARENTS):
        assert parents[0] == -1
        assert all(0 <= parent < child for child, parent in enumerate(parents) if child > 0)


def test_the_21_joints_are_the_16_of_the_model_and_5_tips_each_once() -> None:
    assert sorted(OPENPOSE_FROM_MODEL) == list(range(NUM_JOINTS))
    assert tuple(OPENPOSE_FROM_MODEL[tip] for tip in TIPS) == tuple(range(16, 21))


def test_reordering_keeps_each_finger_and_its_order_from_base_to_tip() -> None:
    tips = [f"{finger}_4" for finger in FINGERS]
    reordered = [[*MODEL_JOINT_NAMES, *tips][source] for source in OPENPOSE_FROM_MODEL]
    assert reordered == ["wrist", *(f"{finger}_{n}" for finger in FINGERS for n in (1, 2, 3, 4))]
    assert [name.split("_")[0] for name in JOINT_NAMES] == [n.split("_")[0] for n in reordered]


def test_both_orders_hang_a_joint_on_the_same_parent() -> None:
    model_from_openpose = {source: joint for joint, source in enumerate(OPENPOSE_FROM_MODEL)}
    for child, parent in enumerate(MODEL_PARENTS):
        if parent >= 0:
            assert JOINT_PARENTS[model_from_openpose[child]] == model_from_openpose[parent]


def test_the_bones_are_five_chains_that_start_at_the_wrist() -> None:
    assert len(BONES) == NUM_JOINTS - 1
    assert sum(parent == WRIST for parent, _ in BONES) == len(FINGERS)
    for tip in TIPS:
        chain = [tip]
        while chain[-1] != WRIST:
            chain.append(JOINT_PARENTS[chain[-1]])
        assert len(chain) == 5


def test_named_joints_are_where_their_constants_say() -> None:
    assert JOINT_NAMES[WRIST] == MODEL_JOINT_NAMES[0] == "wrist"
    assert JOINT_NAMES[MIDDLE_MCP] == "middle_mcp"
    assert tuple(JOINT_NAMES[tip] for tip in TIPS) == tuple(f"{name}_tip" for name in FINGERS)
