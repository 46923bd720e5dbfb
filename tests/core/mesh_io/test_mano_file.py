"""MANO's parameters, put back into MANO."""

from pathlib import Path

import numpy as np

from core.hand_model.file import hand_model_from_arrays, mirrored
from core.hand_model.skinning_np import pose_hand
from core.mesh_io.mano_file import write_mano
from core.rotations_np import rotmat_from_rotvec
from tests.core.hand_model.mano_files import made_up_hand
from tests.factories import hand_model, hand_poser, make_take


def test_the_parameters_put_manos_hands_where_the_open_hands_are(tmp_path: Path) -> None:
    right = hand_model_from_arrays(Path("made-up.npz"), made_up_hand())
    take = make_take(10, gaps={1: range(3, 5)})
    path = tmp_path / "walk.npz"
    steps: list[tuple[int, int | None]] = []
    joints_mm, surface_mm = write_mano(
        path, take, right, hand_model(), lambda done, total: steps.append((done, total))
    )
    assert steps[-1] == (18, 18)
    assert 0 < joints_mm < 2
    assert 0 < surface_mm < 2
    with np.load(path, allow_pickle=False) as data:
        assert "flat_hand_mean=True" in str(data["README"])
        for track in take.tracks:
            rows = data["track_id"] == track.track_id
            model = right if track.side == "right" else mirrored(right)
            rotvec = np.concatenate(
                (data["global_orient"][rows][:, None], data["hand_pose"][rows].reshape(-1, 15, 3)),
                axis=1,
            )
            betas = data["betas"][rows]
            posed = pose_hand(model, rotmat_from_rotvec(rotvec), betas, data["wrist"][rows])
            count = len(track.pose)
            side = np.full(count, track.side == "right")
            target = hand_poser().pose(side, track.pose, track.betas, track.transl).joints_3d
            error_mm = 1e3 * np.linalg.norm(posed.joints_3d - target, axis=2).mean(1)
            np.testing.assert_allclose(data["joint_error_mm"][rows], error_mm, atol=0.02)
            # As smplx places it: rest wrist plus transl.
            rest = model.J_regressor[0] @ (model.v_template + model.shapedirs @ betas[0])
            np.testing.assert_allclose(data["transl"][rows] + rest, data["wrist"][rows], atol=1e-6)
            assert (np.ptp(rotvec, axis=0).max(-1) > 0.02).all()
