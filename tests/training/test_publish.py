import json
from pathlib import Path

from tests.training.samples import jpeg, sample_files, write_tar
from training.publish import publish


def test_the_card_says_under_which_licence_pictures_and_backgrounds_are(tmp_path: Path) -> None:
    run, data, out = tmp_path / "run", tmp_path / "data", tmp_path / "out"
    for folder in (run, data, out):
        folder.mkdir()
    (run / "lite.safetensors").write_bytes(b"weights")
    (run / "lite.json").write_text('{"profile": "lite"}')
    (tmp_path / "figures.json").write_text('{"recall": 0.9}')
    known = {"source": "people", "repo": "a/b", "licence": "CC-BY-4.0"}
    write_tar(data / "real-train-000.tar", sample_files("one", [], **known))
    room = {"source": "rooms", "repo": "c/d", "licence": "CC0", "hands": []}
    files = {}
    for name in ("x", "y"):
        files |= {f"{name}.jpg": jpeg(30, 40), f"{name}.json": json.dumps(room).encode()}
    write_tar(data / "backgrounds-000.tar", files)
    publish(run, data, tmp_path / "figures.json", out)
    card = json.loads((out / "lite.json").read_text())
    assert card["metrics"] == {"recall": 0.9}
    assert [source["licence"] for source in card["data"]["real"]] == ["CC-BY-4.0"]
    assert card["data"]["backgrounds"] == [
        {"source": "rooms", "repository": "c/d", "licence": "CC0", "pictures": 2}
    ]
    assert (out / "lite.safetensors").read_bytes() == b"weights"
