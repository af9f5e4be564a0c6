from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from backend import cli
from backend.media import VideoError
from backend.photo import PhotoError
from backend.progress import silent
from backend.render import delivery
from backend.render.alpha_video import write_pictures, write_prores
from backend.render.delivery import RenderRequest, find_recording, render
from backend.render.renderers import RendererError, load_renderer
from models import take as take_file
from models.take import Take
from tests.backend.render.conftest import SIZE, talking

FRAMES = 6


@pytest.fixture
def request_for(tmp_path: Path, photo: np.ndarray, sitter: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A maker of requests whose files exist; the photo has been met already."""
    take_file.save(talking(FRAMES), tmp_path / "take.npz")
    Image.fromarray(photo).save(tmp_path / "photo.png")
    monkeypatch.setattr(delivery, "meet_sitter", lambda *_: sitter)

    def make(out: str, **options: Any) -> RenderRequest:
        given: dict[str, Any] = {"take": tmp_path / "take.npz", "image": tmp_path / "photo.png", "size": SIZE} | options
        return RenderRequest(out=tmp_path / out, **given)

    return make


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    tone = 0.3 * np.sin(np.arange(int(16000 * FRAMES / 25)) / 10)
    soundfile.write(tmp_path / "voice.wav", tone, 16000)
    return tmp_path / "voice.wav"


def no_work(*_: Any) -> Any:
    raise AssertionError("the photo was looked at before the options were")


def test_a_video_with_sound(request_for, voice):
    reports = []
    result = render(request_for("talk.mp4", audio=voice), lambda *report: reports.append(report))
    with av.open(result["video"]) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height, float(video.average_rate)) == (SIZE, SIZE, 25.0)
        assert sum(1 for _ in container.decode(video)) == FRAMES == result["frames"]
        assert float(sound.duration * sound.time_base) == pytest.approx(FRAMES / 25, abs=0.03)
    assert [report for report in reports if report[0] == "render"] == [("render", i + 1, FRAMES) for i in range(FRAMES)]
    assert "note" not in result


def test_frames_are_drawn_as_they_are_written_and_not_kept(request_for, monkeypatch):
    """The writer takes one frame at a time: memory cannot grow with the take's length."""
    alive: list[int] = []

    def write(out: Path, frames: Any, fps: float, audio: Path | None) -> None:
        assert iter(frames) is frames
        for _ in frames:
            alive.append(len(alive))

    monkeypatch.setattr(delivery, "write_frames", write)
    seen = []
    render(request_for("talk.mp4"), lambda stage, done, total: seen.append((done, len(alive))))
    assert seen == [(i + 1, i + 1) for i in range(FRAMES)]


def test_transparent_prores_and_pictures(request_for):
    result = render(request_for("talk.mov", behind="transparent"))
    with av.open(result["video"]) as container:
        assert container.streams.video[0].codec_context.name == "prores"
        frame = next(container.decode(video=0)).reformat(format="rgba").to_ndarray()
    assert frame[2, 2, 3] == 0 and frame[SIZE // 2, SIZE // 2, 3] == 255

    result = render(request_for("talk", behind="transparent"))
    pictures = sorted(Path(result["pictures"]).iterdir())
    assert [picture.name for picture in pictures] == [f"{i + 1:06d}.png" for i in range(FRAMES)]
    shown = np.asarray(Image.open(pictures[0]))
    assert shown.shape == (SIZE, SIZE, 4)
    solid = (shown[..., 3] == 255) & (frame[..., 3] == 255)
    assert np.abs(shown[solid].astype(int) - frame[solid]).mean() < 3  # ProRes loses little
    with pytest.raises(VideoError, match="not an empty folder"):
        render(request_for("talk"))


def test_prores_keeps_colours_and_sound(tmp_path, voice):
    squares = np.random.default_rng(0).integers(0, 256, (4, 4, 4), dtype=np.uint8)
    image = np.kron(squares, np.ones((16, 16, 1), np.uint8))
    write_prores(tmp_path / "a.mov", [image] * FRAMES, 25.0, voice)
    with av.open(str(tmp_path / "a.mov")) as container:
        assert len(container.streams.audio) == 1
        back = next(container.decode(video=0)).reformat(format="rgba").to_ndarray()
    flat = np.s_[4:12, 4:12]
    assert np.abs(back[flat].astype(int) - image[flat]).max() <= 4


@pytest.mark.parametrize(
    ("out", "options", "said"),
    [
        ("talk.mp4", {"behind": "transparent"}, "ProRes 4444"),
        ("talk.avi", {}, r"\.mp4, a \.mov or a folder"),
        ("talk.mp4", {"size": 255}, "even number"),
        ("talk.mp4", {"behind": "nowhere.jpg"}, "choose keep"),
        ("talk.mp4", {"light": "nowhere.hdr"}, "no panorama"),
        ("talk.mp4", {"take": Path("none.npz")}, "no take"),
        ("talk.mp4", {"landmarks": "guess"}, "landmark detector"),
    ],
)
def test_bad_options_are_refused_before_any_work(request_for, monkeypatch, out, options, said):
    monkeypatch.setattr(delivery, "meet_sitter", no_work)
    request = request_for(out, **options)
    with pytest.raises(ValueError, match=said):
        render(request)
    assert not request.out.exists()


def test_a_take_of_another_face_model_is_refused_before_any_work(request_for, monkeypatch, tmp_path):
    monkeypatch.setattr(delivery, "meet_sitter", no_work)
    other = Take(talking().coefficients, 25.0, {"face_model": {"name": "bfm09", "sha256": "0"}})
    take_file.save(other, tmp_path / "other.npz")
    with pytest.raises(ValueError, match=r"bfm09.*open_head"):
        render(request_for("talk.mp4", take=tmp_path / "other.npz"))


@pytest.mark.parametrize("out", ["talk.mp4", "talk.mov", "talk"])
def test_cancelling_leaves_nothing(request_for, tmp_path, out):
    class CancelledError(Exception):
        pass

    def cancel(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("render", 3):
            raise CancelledError

    before = sorted(tmp_path.iterdir())
    with pytest.raises(CancelledError):
        render(request_for(out), cancel)
    assert sorted(tmp_path.iterdir()) == before


def test_the_recording_is_known_by_its_bytes(tmp_path, voice):
    from backend.media import audio_sha256

    facts = {"name": "voice.wav", "sha256": audio_sha256(voice)}
    take = talking()
    named = Take(take.coefficients, 25.0, {**take.meta, "audio": facts})
    assert find_recording(named, tmp_path) == voice
    assert find_recording(take, tmp_path) is None
    outside = Take(take.coefficients, 25.0, {**take.meta, "audio": {**facts, "name": "../" + voice.name}})
    assert find_recording(outside, tmp_path / "deeper") is None
    voice.write_bytes(voice.read_bytes() + b"0")
    assert find_recording(named, tmp_path) is None


def test_a_missing_recording_is_said(request_for):
    assert "--audio" in render(request_for("talk.mp4"))["note"]


def test_pictures_need_frames(tmp_path):
    with pytest.raises(VideoError, match="no frames"):
        write_pictures(tmp_path / "none", [])
    assert not list(tmp_path.iterdir())


def test_the_neural_renderer_draws_a_take(request_for):
    shown = {}
    for name in ("raster", "neural"):
        result = render(request_for(f"{name}", renderer=name))
        pictures = sorted(Path(result["pictures"]).iterdir())
        assert len(pictures) == FRAMES
        shown[name] = np.asarray(Image.open(pictures[-1])).astype(int)  # the jaw is open
    off = np.abs(shown["neural"] - shown["raster"])[..., :3].max(axis=-1)
    assert off.max() > 20 and 0 < (off > 3).mean() < 0.3  # another mouth, the same picture


def test_renderers_that_are_not_here_say_so():
    assert load_renderer("raster") and load_renderer("neural")
    for name, said in (("original", "--family original"), ("magic", "choose")):
        with pytest.raises(RendererError, match=said):
            load_renderer(name)


def test_the_command_hands_over_what_was_asked(monkeypatch, capsys):
    seen = []

    def fake(request: RenderRequest, progress: Any) -> dict[str, Any]:
        seen.append((request, progress))
        return {"video": str(request.out)}

    monkeypatch.setattr(delivery, "render", fake)
    words = ["render", "t.npz", "--image", "p.jpg", "--out", "o.mov", "--background", "transparent", "--quiet"]
    assert cli.main([*words, "--light", "a.hdr", "--light-turn", "90", "--size", "256", "--framing", "photo"]) == 0
    ((request, progress),) = seen
    assert (request.take, request.image, request.out) == (Path("t.npz"), Path("p.jpg"), Path("o.mov"))
    assert (request.behind, request.light, request.light_turn) == ("transparent", "a.hdr", 90.0)
    assert (request.size, request.framing, request.renderer) == (256, "photo", "raster") and progress is silent
    assert "o.mov" in capsys.readouterr().out


def test_errors_are_one_sentence(tmp_path, capsys):
    assert cli.main(["render", "none.npz", "--image", "p.jpg", "--out", str(tmp_path / "o.mp4"), "--quiet"]) == 1
    error = capsys.readouterr().err
    assert "no take" in error and error.count("\n") == 1
    assert issubclass(PhotoError, ValueError)
