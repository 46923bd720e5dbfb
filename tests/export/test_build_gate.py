"""An engine is held against the network in FP32 before it is used."""

from collections.abc import Callable
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.engines.base import EngineDescription, RawHands
from core.errors import ManyHandsError
from core.types import UInt8
from export import build_gate
from tests.factories import make_frame, make_hand
from tests.fakes import ScriptedEngine

pytestmark = pytest.mark.timeout(400)

PICTURE = (480, 640)


def code_of(call: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(ManyHandsError) as caught:
        call(*arguments)
    return f"{caught.value.code} {caught.value.cause}"


class Shifted(ScriptedEngine):
    """Takes whole pictures; its hands are those of the reference, changed."""

    def __init__(self, change: Callable[[RawHands], RawHands]) -> None:
        super().__init__([[make_hand()]], frame=make_frame(), input_size=PICTURE)
        self._change = change

    def run(self, image: UInt8) -> RawHands:
        return self._change(super().run(image))

    def describe(self) -> EngineDescription:
        return EngineDescription("shifted", "", "fp16", "")


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A network in FP32 that sees one hand."""
    exact = ScriptedEngine([[make_hand()]], frame=make_frame(), input_size=(192, 256))
    monkeypatch.setattr(build_gate, "TorchEngine", lambda network, size: exact)
    return SimpleNamespace(config=SimpleNamespace(input_sizes=((192, 256),)))


def gate(reference: SimpleNamespace, change: Callable[[RawHands], RawHands]) -> build_gate.Parity:
    picture = np.zeros((*PICTURE, 3), np.uint8)
    return build_gate.require_parity(Shifted(change), reference, [picture])


def test_engine_as_exact_as_the_network_passes_the_gate(reference: SimpleNamespace) -> None:
    parity = gate(reference, lambda raw: raw)
    assert parity.hands == 1
    assert parity.joints_mm < 1e-3
    assert parity.keypoints_px < 1e-2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: replace(raw, joints_3d=raw.joints_3d + np.float32(0.0012)), "too far"),
        (lambda raw: replace(raw, keypoints_2d=raw.keypoints_2d + np.float32(2)), "too far"),
        (lambda raw: replace(raw, score=raw.score * 0), "1 of 1 missed"),
        (lambda raw: replace(raw, right_probability=1 - raw.right_probability), "other side"),
    ],
)
def test_engine_that_drifts_fails_the_gate(
    reference: SimpleNamespace, change: Callable[[RawHands], RawHands], reason: str
) -> None:
    """Row 22."""
    found = code_of(gate, reference, change)
    assert found.startswith("ENG-06")
    assert reason in found


@pytest.mark.parametrize(
    "name", [f.name for f in fields(RawHands) if f.name not in ("albedo", "light")]
)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_number_that_is_not_finite_fails_the_gate(
    reference: SimpleNamespace, name: str, value: float
) -> None:
    """Row 22: FP16 overflows."""

    def broken(raw: RawHands) -> RawHands:
        values = getattr(raw, name).copy()
        values.flat[-1] = value
        return replace(raw, **{name: values})

    assert f"'{name}' is not finite" in code_of(gate, reference, broken)


def test_latency_is_the_median(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(np.cumsum([0] + [step for i in range(200) for step in (2_000_000, 5)]).tolist())
    monkeypatch.setattr(build_gate, "now_ns", lambda: next(ticks))
    engine = Shifted(lambda raw: raw)
    assert build_gate.median_ms(engine, np.zeros((*PICTURE, 3), np.uint8)) == pytest.approx(2.0)
    assert engine.calls == 110


@pytest.mark.slow
def test_half_precision_stays_near_full_precision_on_bundled_frames() -> None:
    """The shipped network: 0.2 mm mean joints, 1 mm vertices; on a processor, operation by
    operation as a GPU would round it."""
    import torch

    from core.assets import demo_clip_path, hand_model_path, weights_path
    from core.network.picture import PictureNetwork
    from core.network.precision import HalfProducts
    from export.to_onnx import load_deployable

    path = weights_path("lite", "safetensors")
    if not path.is_file():
        pytest.skip("no weights ship with this checkout")
    network = load_deployable(path, hand_model_path())
    half = HalfProducts(PictureNetwork(network, PICTURE, (192, 256)), "cpu")

    class OnProcessor(Shifted):
        def run(self, image: UInt8) -> RawHands:
            with torch.inference_mode():
                found = half(torch.from_numpy(image.copy()))
            return RawHands(*(value.float().numpy() for value in found))

    pictures = build_gate.gate_pictures(demo_clip_path(), PICTURE)[2::3]
    parity = build_gate.require_parity(OnProcessor(lambda raw: raw), network, pictures)
    assert parity.hands >= 2
    assert parity.joints_mm < 0.2
    assert parity.vertices_mm < 1.0
