"""Published weights of a HandNetwork: FP16 safetensors with a json beside it."""

import copy
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from core.errors import ModelFileError
from core.hand_model.skinning_torch import HandLayer
from core.network.config import FULL, LITE, NetworkConfig
from core.network.network import HandNetwork

_DIFFERENCES_SHOWN = 5
#: Attribute names of a convolution and the batch norm behind it.
_FOLDED = (
    ("_conv_stem", "_bn0"),
    ("_expand_conv", "_bn0"),
    ("_depthwise_conv", "_bn1"),
    ("_project_conv", "_bn2"),
    ("fuse", "bn"),
)


def config_of_profile(profile: str) -> NetworkConfig:
    """Return the configuration of "lite" or "full".

    Raises:
        ModelFileError: MDL-04 there is no such profile.
    """
    for config in (LITE, FULL):
        if config.profile == profile:
            return config
    raise ModelFileError(
        "MDL-04", f"there is no network profile '{profile}'", "Use 'lite' or 'full'."
    )


def config_as_json(config: NetworkConfig) -> dict[str, Any]:
    """Return the configuration as plain JSON values."""
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return plain


def load_network(path: Path, layer: HandLayer) -> HandNetwork:
    """Build the network that a published .safetensors belongs to, with its weights, in FP32.

    The json beside it names the profile and the SHA-256, which is checked before anything is
    read (a flipped byte loads silently otherwise).

    Raises:
        ModelFileError: MDL-01 a file is missing, MDL-02 another hash, MDL-03 corrupt,
            MDL-04 another architecture, MDL-05 not finite.
    """
    json_path = path.with_suffix(".json")
    data, description = _read(path), _read(json_path)
    try:
        card = json.loads(description)
        profile, stated = str(card["profile"]), dict(card["network"])
        expected = str(card["safetensors_sha256"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(
            "MDL-03", f"{json_path.name} is not a weights description", "Reinstall ManyHands."
        ) from error
    if hashlib.sha256(data).hexdigest() != expected.lower():
        raise ModelFileError(
            "MDL-02", f"{path.name} differs from its published hash", "Reinstall ManyHands."
        )
    try:
        state = load_safetensors(data)
    except SafetensorError as error:
        raise ModelFileError(
            "MDL-03", f"{path.name} is corrupt ({error})", "Reinstall ManyHands."
        ) from error
    # The one choice that a profile leaves open.
    has_prior = stated.get("heatmap_prior") is True
    config = dataclasses.replace(config_of_profile(profile), heatmap_prior=has_prior)
    _refuse(path.name, _config_differences(stated, config))
    network = HandNetwork(layer, config)
    load_state(network, state, path.name)
    return network.eval()


def _read(path: Path) -> bytes:
    """Return a file's bytes."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelFileError(
            "MDL-01", f"{path.name} is missing", "Reinstall ManyHands or train the network."
        ) from error
    except OSError as error:
        raise ModelFileError(
            "MDL-03", f"{path.name} cannot be read ({error.strerror})", "Check its permissions."
        ) from error


def _config_differences(stated: dict[str, Any], config: NetworkConfig) -> list[str]:
    """List what weights were made for that `config` is not, beyond what shapes can tell.

    Input sizes are advice, and what a description does not state had its default.
    """
    own = config_as_json(config)
    own["input_sizes"] = stated.get("input_sizes")
    return [
        f"{name} is {value}, expected {own.get(name)}"
        for name, value in stated.items()
        if value != own.get(name)
    ]


def _refuse(name: str, differences: list[str]) -> None:
    """Raise MDL-04 with the first five differences, if there are any."""
    if differences:
        raise ModelFileError(
            "MDL-04",
            f"{name} is another network: {'; '.join(differences[:_DIFFERENCES_SHOWN])}",
            "Use weights of this version.",
        )


def deployable(network: HandNetwork) -> HandNetwork:
    """Return a copy for inference: batch norms folded into convolutions, weights as FP16 rounds.

    Folding multiplies weights in FP32; rounding the product once, here, makes every engine that
    stores FP16 compute from the very same numbers.

    Raises:
        ModelFileError: MDL-05 a weight is too large for FP16.
    """
    network = copy.deepcopy(network).eval()
    for module in network.modules():
        for conv_name, norm_name in _FOLDED:
            conv, norm = getattr(module, conv_name, None), getattr(module, norm_name, None)
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())
    for name, parameter in network.named_parameters():
        parameter.data = parameter.data.half().float()
        if not parameter.isfinite().all():
            raise ModelFileError("MDL-05", f"'{name}' is too large for FP16", "Train it anew.")
    return network


def load_state(network: HandNetwork, state: dict[str, Tensor], name: str) -> None:
    """Copy a state into the network, strictly: same names, same shapes, finite.

    Raises:
        ModelFileError: MDL-04 with the first five differences, MDL-05 not finite.
    """
    own = network.state_dict()
    differences = [f"no '{key}'" for key in own if key not in state]
    differences += [f"unknown '{key}'" for key in state if key not in own]
    differences += [
        f"'{key}' is {tuple(state[key].shape)}, expected {tuple(own[key].shape)}"
        for key in own
        if key in state and state[key].shape != own[key].shape
    ]
    _refuse(name, differences)
    broken = [key for key, value in state.items() if not torch.isfinite(value.float()).all()]
    if broken:
        raise ModelFileError(
            "MDL-05",
            f"{name} has numbers that are not finite in '{broken[0]}'",
            "Use other weights.",
        )
    network.load_state_dict(state)
