import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from core.assets import weights_path
from core.errors import ModelFileError
from core.network import weights
from core.network.config import FULL, LITE
from core.network.network import HandNetwork, NetworkOutput
from core.network.weights import (
    config_as_json,
    config_of_profile,
    deployable,
    load_network,
    load_state,
)
from tests.networks import (
    TINY,
    as_input,
    fresh_network,
    hand_layer,
    lively_network,
    noise_picture,
    publish,
)


@pytest.fixture(autouse=True)
def tiny_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile "tiny" exists besides "full"."""
    monkeypatch.setattr(weights, "LITE", TINY)


def edit_card(path: Path, **changes: object) -> None:
    json_path = path.with_suffix(".json")
    json_path.write_text(json.dumps(json.loads(json_path.read_text()) | changes))


def refusal(path: Path) -> ModelFileError:
    with pytest.raises(ModelFileError) as caught:
        load_network(path, hand_layer())
    return caught.value


def test_published_weights_come_back(tmp_path: Path) -> None:
    state = lively_network().state_dict()
    network = load_network(publish(tmp_path, state), hand_layer())
    assert network.config == TINY
    assert not network.training
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, state[name], msg=name)


def test_half_precision_on_disk_is_full_precision_in_memory(tmp_path: Path) -> None:
    state = {n: v.half() if v.is_floating_point() else v for n, v in
             lively_network().state_dict().items()}  # fmt: skip
    network = load_network(publish(tmp_path, state), hand_layer())
    for name, value in network.state_dict().items():
        assert not value.is_floating_point() or value.dtype == torch.float32
        torch.testing.assert_close(value, state[name].to(value.dtype), msg=name)


@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_missing_file_is_named(tmp_path: Path, suffix: str) -> None:
    """Row 23."""
    path = publish(tmp_path, lively_network().state_dict())
    path.with_suffix(suffix).unlink()
    error = refusal(path)
    assert error.code == "MDL-01"
    assert f"tiny{suffix}" in error.cause


def flip_a_bit(data: bytes) -> bytes:
    return data[:-100] + bytes([data[-100] ^ 1]) + data[-99:]


@pytest.mark.parametrize("damage", [flip_a_bit, lambda data: data[:-1], lambda data: b""])
def test_changed_file_is_refused_by_its_hash(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Row 24."""
    path = publish(tmp_path, lively_network().state_dict())
    path.write_bytes(damage(path.read_bytes()))
    assert refusal(path).code == "MDL-02"


def test_weights_of_another_description_are_refused(tmp_path: Path) -> None:
    path = publish(tmp_path, lively_network().state_dict())
    edit_card(path, safetensors_sha256="0" * 64)
    assert refusal(path).code == "MDL-02"


def test_hash_may_be_written_in_capitals(tmp_path: Path) -> None:
    path = publish(tmp_path, lively_network().state_dict())
    edit_card(path, safetensors_sha256=hashlib.sha256(path.read_bytes()).hexdigest().upper())
    assert load_network(path, hand_layer()).config == TINY


@pytest.mark.parametrize("data", [b"", b"not tensors at all", b"\xff" * 64, b"\x08" + b"\0" * 7])
def test_file_that_holds_no_tensors_is_refused(tmp_path: Path, data: bytes) -> None:
    assert refusal(publish(tmp_path, data=data)).code == "MDL-03"


def test_truncated_file_with_a_hash_of_its_own_is_refused(tmp_path: Path) -> None:
    """Row 24."""
    whole = publish(tmp_path, lively_network().state_dict()).read_bytes()
    assert refusal(publish(tmp_path, data=whole[:-10])).code == "MDL-03"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "\xff", '{"profile": "tiny", "safetensors_sha256": ""}',
     '{"profile": "tiny", "safetensors_sha256": "", "network": 5}', "[" * 100_000],
)  # fmt: skip
def test_description_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = publish(tmp_path, lively_network().state_dict())
    path.with_suffix(".json").write_text(text, encoding="latin-1")
    error = refusal(path)
    assert error.code == "MDL-03"
    assert "tiny.json" in error.cause


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    path = publish(tmp_path, lively_network().state_dict())
    path.unlink()
    path.mkdir()
    assert refusal(path).code == "MDL-03"


def test_unknown_profile_is_refused(tmp_path: Path) -> None:
    path = publish(tmp_path, lively_network().state_dict())
    edit_card(path, profile="huge")
    error = refusal(path)
    assert error.code == "MDL-04"
    assert "huge" in error.cause


def test_profiles_of_the_design_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert config_of_profile("lite") is LITE
    assert config_of_profile("full") is FULL


def test_another_architecture_is_refused_with_its_first_five_differences(tmp_path: Path) -> None:
    """Row 25."""
    state = fresh_network(replace(TINY, row_hidden=20)).state_dict()
    error = refusal(publish(tmp_path, state))
    assert error.code == "MDL-04"
    assert error.cause.count("expected") == 5
    assert "'local.conv.weight' is (20, 16, 3, 3), expected (16, 16, 3, 3)" in error.cause


def test_missing_and_unknown_tensors_are_named(tmp_path: Path) -> None:
    """Row 25."""
    state = lively_network().state_dict()
    state["neck.gain"] = state.pop("neck.norm.0.gain")
    error = refusal(publish(tmp_path, state))
    assert error.code == "MDL-04"
    assert "no 'neck.norm.0.gain'; unknown 'neck.gain'" in error.cause


@pytest.mark.parametrize(
    ("name", "value"), [("steps", 3), ("slots", 4), ("upsample", 2), ("attention", True)]
)
def test_another_configuration_of_the_same_tensors_is_refused(
    tmp_path: Path, name: str, value: object
) -> None:
    """Three steps in place of two have the very same tensors and give other hands."""
    path = publish(tmp_path, lively_network().state_dict())
    edit_card(path, network=config_as_json(TINY) | {name: value})
    error = refusal(path)
    assert error.code == "MDL-04"
    assert f"{name} is {value}" in error.cause


def test_other_input_sizes_are_no_other_network(tmp_path: Path) -> None:
    path = publish(tmp_path, lively_network().state_dict())
    edit_card(path, network=config_as_json(TINY) | {"input_sizes": [[32, 32]]})
    assert load_network(path, hand_layer()).config == TINY


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    state = lively_network().state_dict()
    state["centre.out.bias"] = torch.tensor([value])
    error = refusal(publish(tmp_path, state))
    assert error.code == "MDL-05"
    assert "centre.out.bias" in error.cause


def test_refused_state_changes_nothing() -> None:
    """Rows 24 and 25: no partial load."""
    network = lively_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    other = lively_network(seed=1).state_dict()
    other["centre.out.bias"] = torch.tensor([float("nan")])
    with pytest.raises(ModelFileError):
        load_state(network, other, "other")
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def hands_of(network: HandNetwork) -> NetworkOutput:
    with torch.no_grad():
        output: NetworkOutput = network(as_input(noise_picture(64, 96)))
    return output


def test_deployable_network_equals_the_trained_one_but_for_rounding() -> None:
    network = lively_network()
    trained, deployed = hands_of(network), hands_of(deployable(network))
    # FP16 keeps 11 bits: a relative 5e-4 per weight.
    torch.testing.assert_close(deployed.score, trained.score, atol=2e-3, rtol=2e-2)
    for name, tolerance in (("joints_3d", 1e-3), ("vertices", 1e-3), ("keypoints_2d", 0.3)):
        own, other = getattr(deployed, name), getattr(trained, name)
        torch.testing.assert_close(own, other, atol=tolerance, rtol=0)


def test_deployable_network_has_no_batch_norms_and_only_half_numbers() -> None:
    network = lively_network()
    network.train()
    deployed = deployable(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in deployed.modules())
    assert not deployed.training
    for name, parameter in deployed.named_parameters():
        assert torch.equal(parameter, parameter.half().float()), name


def test_making_it_deployable_leaves_the_network_as_it_was() -> None:
    network = lively_network()
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    deployable(network)
    after = network.state_dict()
    assert network.training
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_folding_a_batch_norm_multiplies_before_it_rounds() -> None:
    """Rounding the product once; rounding both factors would lose twice."""
    network = lively_network()
    conv, norm = network.neck.fuse, network.neck.bn
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    expected = (conv.weight * scale[:, None, None, None]).half().float()
    torch.testing.assert_close(deployable(network).neck.fuse.weight, expected, atol=0, rtol=1e-3)


def test_weight_too_large_for_half_precision_is_refused() -> None:
    """A channel whose variance has died becomes a huge factor when it is folded."""
    network = lively_network()
    with torch.no_grad():
        network.neck.bn.weight[0] = 1e9
    with pytest.raises(ModelFileError) as caught:
        deployable(network)
    assert caught.value.code == "MDL-05"
    assert "neck.fuse.weight" in caught.value.cause


@pytest.mark.slow
def test_shipped_weights_load_and_find_finite_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    path = weights_path("lite", "safetensors")
    if not path.is_file():
        pytest.skip("no weights ship with this checkout")
    monkeypatch.undo()
    network = load_network(path, hand_layer())
    assert network.config == LITE
    assert all(value.isfinite().all() for value in hands_of(deployable(network)))
