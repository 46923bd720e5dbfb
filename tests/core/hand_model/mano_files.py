"""Pickles in MANO's layout, with a made-up hand and stand-ins of chumpy's classes."""

import io
import pickle
import struct
import sys
import types
from collections.abc import Mapping
from typing import Any
from unittest import mock

import numpy as np
import scipy.sparse

from core.hand_model.skinning_np import pose_hand
from core.rotations_np import rotmat_from_rotvec
from tests.factories import hand_model

NUM_VERTICES = 778
_TIPS = (744, 320, 443, 554, 671)


def made_up_hand(left: bool = False) -> dict[str, np.ndarray]:
    """A hand of MANO's size with its own rest pose and shape, cut out of the open hand's vertices.

    Joints, rest pose and shape directions are others than the open hand's.
    """
    model = hand_model()
    draw = np.random.default_rng(5)
    rest = draw.normal(0, 0.12, (16, 3))
    rest[0] = 0
    betas = np.linspace(-0.6, 0.8, 10).astype(np.float32)
    template = pose_hand(model, rotmat_from_rotvec(rest), betas).vertices
    needed = set(np.flatnonzero(model.J_regressor.any(0)).tolist()) | set(model.tip_ids.tolist())
    others = [index for index in draw.permutation(len(template)).tolist() if index not in needed]
    chosen = [*sorted(needed), *others][:NUM_VERTICES]
    for place, tip in zip(_TIPS, model.tip_ids.tolist(), strict=True):
        at = chosen.index(tip)
        chosen[at], chosen[place] = chosen[place], chosen[at]
    keep = np.array(chosen)
    number = np.full(len(template), -1)
    number[keep] = np.arange(NUM_VERTICES)
    faces = number[model.faces]
    mix = np.eye(10) + draw.normal(0, 0.1, (10, 10))
    mix[0] = np.eye(10)[0]
    hand: dict[str, np.ndarray] = {
        "v_template": template[keep].astype(float),
        "shapedirs": model.shapedirs[keep].astype(float) @ mix,
        "posedirs": model.posedirs[keep].astype(float),
        "J_regressor": model.J_regressor[:, keep].astype(float),
        "weights": model.weights[keep].astype(float),
        "kintree_table": np.array([[2**32 - 1, *model.parents[1:]], range(16)], np.int64),
        "f": faces[(faces >= 0).all(1)].astype(np.uint32),
        "hands_components": np.linalg.qr(draw.normal(size=(45, 45)))[0],
        "hands_mean": draw.normal(0, 0.2, 45),
    }
    if left:
        hand["v_template"] = hand["v_template"] * (-1, 1, 1)
        hand["shapedirs"] = hand["shapedirs"] * np.array([-1, 1, 1])[:, None]
        hand["f"] = hand["f"][:, ::-1].copy()
    return hand


def mano_pickle(
    protocol: int = 2, hand: Mapping[str, np.ndarray] | None = None, **extra: Any
) -> bytes:
    """The made-up hand as MANO_RIGHT.pkl holds it: chumpy, csc and the names of Python 2."""
    hand = hand or made_up_hand()
    with _chumpy() as (value_class, select_class):
        wide = value_class()
        directions = np.concatenate((hand["shapedirs"], hand["shapedirs"][:, :, ::-1]), axis=2)
        wide.__dict__ = {"x": directions, "_dirty_vars": set(), "_itr": None}
        select = select_class()
        flat = np.arange(directions.size).reshape(directions.shape)[:, :, :10].ravel()
        select.__dict__ = {
            "a": wide,
            "idxs": flat,
            "preferred_shape": hand["shapedirs"].shape,
            "_dirty_vars": set(),
        }
        content = {
            **hand,
            "shapedirs": select,
            "J_regressor": scipy.sparse.csc_matrix(hand["J_regressor"]),
            "bs_style": "lbs",
            "bs_type": "lrotmin",
            "J": np.zeros((16, 3)),
            **extra,
        }
        stream = io.BytesIO()
        _Python2Pickler(stream, protocol).dump(content)
        data = stream.getvalue()
    if protocol < 4:  # later ones count the bytes of a name
        data = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
        data = data.replace(b"scipy.sparse._csc", b"scipy.sparse.csc")
    return data


class _Python2Pickler(pickle._Pickler):
    """Writes bytes as Python 2 does: as its own texts."""

    def _save_bytes(self, value: bytes) -> None:
        if self.proto >= 3:
            pickle._Pickler.save_bytes(self, value)
            return
        if self.proto == 0:
            self.write(b"S" + repr(value)[1:].encode("ascii") + b"\n")
        else:
            self.write(b"T" + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    dispatch = {**pickle._Pickler.dispatch, bytes: _save_bytes}  # noqa: RUF012


class _chumpy:
    """Modules `chumpy.ch` and `chumpy.reordering` with empty classes, while they are needed."""

    def __enter__(self) -> tuple[type, type]:
        modules = {
            name: types.ModuleType(name) for name in ("chumpy", "chumpy.ch", "chumpy.reordering")
        }
        value = type("Ch", (), {"__module__": "chumpy.ch"})
        select = type("Select", (), {"__module__": "chumpy.reordering"})
        vars(modules["chumpy.ch"])["Ch"] = value
        vars(modules["chumpy.reordering"])["Select"] = select
        self._patch = mock.patch.dict(sys.modules, modules)
        self._patch.start()
        return value, select

    def __exit__(self, *error: object) -> None:
        self._patch.stop()
