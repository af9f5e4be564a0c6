import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blender_addon.files.style_file import read_style
from blender_addon.jobs import asked
from blender_addon.jobs.asked import Asked
from blender_addon.trouble import ClientError
from models.motion import style_file
from models.motion.style_document import Measure, StyleDocument
from models.motion.styles import Style


class Mixer:
    def mix(self, parts: Any) -> dict[str, Any]:
        return {"mixed": parts}

    def face_models(self) -> list[dict[str, Any]]:
        return [{"name": "open_head", "sha256": "ab"}]

    def download_face_model(self, sha256: str, path: Path) -> None:
        path.write_text(sha256)


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    (tmp_path / "voice.wav").write_bytes(b"sound")
    return tmp_path / "voice.wav"


def test_nothing_but_a_voice_is_an_average_face_that_listens(voice: Path) -> None:
    request, files = Asked(lambda: voice, asked.named("calm")).request(Mixer())  # type: ignore[arg-type]
    assert files == {"voice": voice}
    assert request["image"] is None and request["person"] is None and request["transcript"] is None
    assert request["style"] == "calm"


def test_styles_come_from_everywhere(voice: Path, tmp_path: Path) -> None:
    (tmp_path / "slow.json").write_text('{"name": "slow"}')
    from_file, measured = asked.from_file(tmp_path / "slow.json"), asked.from_document({"name": "me"})
    mix = asked.mixed(from_file, measured, 0.25)
    request, _ = Asked(lambda: voice, mix).request(Mixer())  # type: ignore[arg-type]
    assert request["style"] == {"mixed": [({"name": "slow"}, 0.75), ({"name": "me"}, 0.25)]}
    json.dumps(request)


@pytest.mark.parametrize("content", ["not json", "[1, 2]", '{"half'])
def test_what_is_no_style_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "notes.json").write_text(content)
    with pytest.raises(ClientError, match=r"notes\.json is not a style file"):
        read_style(tmp_path / "notes.json")


@pytest.mark.parametrize("ending", [".json", ".npz"])
def test_styles_are_read_as_they_were_saved(tmp_path: Path, ending: str) -> None:
    measure = Measure(np.ones(135, np.float32), np.zeros(64, np.float32), np.zeros(3, np.float32), "open_head")
    document = StyleDocument(Style("me", "how I talk", lips=1.25), {}, measure, {})
    style_file.save(document, tmp_path / f"me{ending}")
    assert read_style(tmp_path / f"me{ending}") == style_file.to_json(document)


def test_files_that_are_gone_are_named(voice: Path, tmp_path: Path) -> None:
    for one in (
        Asked(lambda: tmp_path / "gone.wav", asked.named("calm")),
        Asked(lambda: voice, asked.named("calm"), image=tmp_path / "gone.png"),
        Asked(lambda: voice, asked.from_file(tmp_path / "gone.json")),
    ):
        with pytest.raises(ClientError, match=r"There is no [\w ]+ gone\.\w+"):
            one.request(Mixer())  # type: ignore[arg-type]


def test_the_geometry_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend: Any = Mixer()
    assert asked.fetch_geometry(backend, tmp_path) == tmp_path / "ab.npz"
    monkeypatch.setattr(Mixer, "download_face_model", None)
    assert asked.fetch_geometry(backend, tmp_path).read_text() == "ab"
