import json
import shutil
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend import cli
from backend.landmarks import MediaPipeDetector
from backend.media import VideoError, write_video
from backend.render.delivery import RenderRequest, render
from backend.render.renderers import RendererError
from backend.subject import base_texture, pipeline, tune, tuning_pictures
from backend.subject import folder as subject_folder
from backend.subject.folder import TUNED, SubjectError
from backend.subject.pipeline import SubjectRequest, learn_subject
from blender_addon.files.living_file import read_living
from models import take as take_file
from models.coefficients import EXPRESSION, FPS
from models.face import open_head
from models.render import deferred
from models.render.adaptation import packed
from models.take import Take
from models.texture import storage

FILES = {
    *("take.npz", "photo.png", "photo.npz", "texture.png", "dynamic.safetensors", "living.npz"),
    *("report.json", "report.md", "second_half.jpg"),
}


@pytest.fixture(scope="module")
def learned(clip, tmp_path_factory):
    """The folder, the facts, and the stages that were reported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "ROUNDS", 1)
        patch.setattr(pipeline, "MEAN_OF", 8)
        patch.setattr(pipeline, "TEXTURE_SIZES", ((10_000, 128),))
        patch.setattr(base_texture, "_judged", lambda shot, indices: [shot.calmest(indices)])
        patch.setattr(tune, "STEPS", (0, 2))
        patch.setattr(tune, "MOST_PICTURES", 10)
        patch.setattr(tune, "LEAST", -99.0)  # kept, whatever two steps bring
        patch.setattr(tuning_pictures, "LARGEST", 96)
        stages: list[str] = []
        out = tmp_path_factory.mktemp("learned") / "me"
        facts = learn_subject(SubjectRequest(clip, out, tune=True), lambda stage, *_: stages.append(stage))
    return SimpleNamespace(out=out, facts=facts, stages=stages)


def test_a_clip_becomes_a_folder(learned, clip):
    assert {path.name for path in learned.out.iterdir()} - {TUNED} == FILES
    facts = json.loads((learned.out / "report.json").read_text(encoding="utf-8"))
    assert facts["format"] == "style-avatar/subject" and facts["pictures"] == 35
    assert facts["clip"]["name"] == clip.name and set(facts["second_half"]) >= {"head", "face"}
    assert set(learned.stages) == {"face", "expression", "refine", "learn", "evaluate", "tune"}
    report = (learned.out / "report.md").read_text(encoding="utf-8")
    assert "| face |" in report and all(name in report for name in facts["components"])
    assert [path.name for path in learned.out.parent.iterdir()] == ["me"]  # nothing half is left


def test_the_report_says_what_tuning_brought(learned):
    tuning = learned.facts["tuning"]
    face = tuning["first_half"]["second_half"]["face"]
    assert face["moving"]["psnr"] > 20 and abs(face["tuned"]["psnr"] - face["moving"]["psnr"]) < 3
    assert tuning["kept"] == (learned.out / TUNED).is_file()
    if not tuning["kept"]:
        assert any("tuning" in note for note in learned.facts["notes"])
    assert "tuned on the first half" in (learned.out / "report.md").read_text(encoding="utf-8")


def test_the_tuned_renderer_draws_its_subject(learned, tmp_path):
    """And one that was tuned on other weights draws nobody."""
    me, base = tmp_path / "me", deferred.load()
    shutil.copytree(learned.out, me)
    other = deferred.load()
    assert other.last.bias is not None
    other.last.bias.data[3:] += 0.2
    model = open_head.load()
    rows = np.zeros((1, 257), np.float32)
    rows[0, EXPRESSION][model.expression_names.index("jawOpen")] = 0.7
    meta = {"face_model": {"name": model.name, "sha256": model.sha256}}
    take_file.save(Take(rows, 25.0, meta), tmp_path / "take.npz")

    def frame(name: str) -> np.ndarray:
        render(RenderRequest(tmp_path / "take.npz", None, tmp_path / name, subject=me, renderer="neural", size=96))
        return np.asarray(Image.open(next((tmp_path / name).iterdir()))).astype(float)

    (me / TUNED).unlink(missing_ok=True)
    as_anybody = frame("anybody")
    (me / TUNED).write_bytes(packed(base, other))
    assert (frame("tuned") - as_anybody).max() > 20
    (me / TUNED).write_bytes(packed(other, base))
    with pytest.raises(RendererError, match="tuned on other weights"):
        frame("mismatch")
    assert not (tmp_path / "mismatch").exists()


def test_what_is_in_it_fits_together(learned):
    model = open_head.load()
    take = take_file.load(learned.out / "take.npz")
    assert take.fps == FPS and len(take.coefficients) == 35
    texture = storage.load(learned.out / "dynamic.safetensors")
    texture.require(model)
    assert np.array_equal(np.asarray(Image.open(learned.out / "texture.png")), texture.base)
    living = read_living(learned.out / "living.npz")
    assert living.kind == "offsets" and living.names == texture.names
    subject = subject_folder.load(learned.out, model)
    assert subject.photo.shape == (208, 208, 3) and subject.coefficients.shape == (257,)
    fit = subject.fit(model, MediaPipeDetector())
    assert np.array_equal(fit.coefficients, subject.coefficients) and fit.crop == subject.crop


def test_a_render_shows_the_folds(learned, tmp_path):
    model = open_head.load()
    rows = np.zeros((2, 257), np.float32)
    names = list(model.expression_names)
    rows[1, EXPRESSION][[names.index(n) for n in ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")]] = 0.8
    meta = {"face_model": {"name": model.name, "sha256": model.sha256}}
    take_file.save(Take(rows, 25.0, meta), tmp_path / "take.npz")
    request = RenderRequest(tmp_path / "take.npz", None, tmp_path / "out", subject=learned.out, size=96)
    assert render(request)["frames"] == 2
    calm, folded = (np.asarray(Image.open(path)).astype(float) for path in sorted((tmp_path / "out").iterdir()))

    def forehead(picture: np.ndarray) -> float:
        """How much the brightness changes from row to row above the brows."""
        return float(np.abs(np.diff(picture.mean(axis=2)[10:33, 38:58], axis=0)).mean())

    assert forehead(folded) > 1.3 * forehead(calm)


def test_ctrl_c_leaves_nothing(clip, tmp_path, interrupted):
    with pytest.raises(KeyboardInterrupt):
        learn_subject(SubjectRequest(clip, tmp_path / "me"), interrupted("face"))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_whole_is_not_written(learned, true_shot, tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(SubjectError, match="not an empty folder"):
        learn_subject(SubjectRequest(true_shot.clip, tmp_path / "full"))

    nothing: Any = SimpleNamespace()

    def half(folder, *_):
        (folder / "take.npz").touch()
        raise OSError("no space left")

    monkeypatch.setattr(subject_folder, "_write_files", half)
    with pytest.raises(OSError, match="no space"):
        subject_folder.write_folder(tmp_path / "me", true_shot, nothing, {})
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_clips_that_cannot_be_used_are_one_sentence(clip, true_shot, tmp_path):
    pictures = [image for _, image in true_shot.pictures(range(20))]
    grey = np.full_like(pictures[0], 90)
    clips = {
        "wall": ([grey] * 30, "no face"),
        "short": (pictures[:20], "lasts 0.8 s"),
        "cut": (
            [*pictures[:14], *[255 - p for p in pictures[:2]], *[grey] * 8, *pictures[14:20]],
            "never seen for 1 s",
        ),
        "crowd": ([np.hstack([p, p]) for p in [*pictures, *pictures[::-1]]], "more than one face"),
        "far": ([np.pad(p[::4, ::4], ((100, 100), (100, 100), (0, 0)), "edge") for p in pictures + pictures], "pixels"),
    }
    for name, (frames, said) in clips.items():
        write_video(tmp_path / f"{name}.mp4", frames, 25.0)
        with pytest.raises(VideoError, match=said):
            learn_subject(SubjectRequest(tmp_path / f"{name}.mp4", tmp_path / "me"))
    assert not (tmp_path / "me").exists()


def test_other_folders_are_refused(learned, tmp_path):
    with pytest.raises(SubjectError, match="not a subject's folder"):
        subject_folder.load(tmp_path, open_head.load())
    for name in FILES:
        (tmp_path / name).write_bytes((learned.out / name).read_bytes())
    take = take_file.load(tmp_path / "photo.npz")
    image = {"crop": {"left": 0, "top": float("nan"), "side": 3}}
    take_file.save(Take(take.coefficients, 25.0, {**take.meta, "image": image}), tmp_path / "photo.npz")
    with pytest.raises(SubjectError, match="where the face is"):
        subject_folder.load(tmp_path, open_head.load())


def test_the_command_line(tmp_path, capsys):
    assert cli.main(["subject", "learn", str(tmp_path / "none.mp4"), "--out", str(tmp_path / "me"), "--quiet"]) == 1
    assert "there is no file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["render", "take.npz", "--out", "talk.mp4"])  # neither a photo nor a subject
