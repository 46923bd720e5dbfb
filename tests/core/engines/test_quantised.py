import json
from pathlib import Path

import pytest

from core.engines.quantised import checked_quantised, manifest_of
from core.errors import ModelFileError


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """The .xml of a network that was made of the weights "abc"."""
    xml = tmp_path / "lite.xml"
    xml.write_text("<net/>")
    xml.with_suffix(".bin").write_bytes(bytes(100))
    manifest = manifest_of(xml, "abc", {"joints_mm": 0.4})
    xml.with_suffix(".json").write_text(json.dumps(manifest))
    return xml


def code(xml: Path, weights: str = "abc") -> str:
    with pytest.raises(ModelFileError) as caught:
        checked_quantised(xml, weights)
    assert "export.quantise" in caught.value.remedy or caught.value.code == "MDL-01"
    return caught.value.code


def test_network_as_it_was_made_is_taken(network: Path) -> None:
    manifest = json.loads(network.with_suffix(".json").read_text())
    assert checked_quantised(network, "abc") == manifest["bin_sha256"]
    assert manifest["joints_mm"] == 0.4


def test_network_of_other_weights_is_refused(network: Path) -> None:
    assert code(network, "abd") == "MDL-04"


@pytest.mark.parametrize("suffix", [".xml", ".bin"])
def test_flipped_byte_is_refused(network: Path, suffix: str) -> None:
    path = network.with_suffix(suffix)
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    assert code(network) == "MDL-02"


@pytest.mark.parametrize("suffix", [".xml", ".bin", ".json"])
def test_missing_file_is_told(network: Path, suffix: str) -> None:
    network.with_suffix(suffix).unlink()
    assert code(network) == "MDL-01"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1}', "[" * 9999])
def test_damaged_manifest_is_told(network: Path, text: str) -> None:
    network.with_suffix(".json").write_text(text)
    assert code(network) == "MDL-03"
