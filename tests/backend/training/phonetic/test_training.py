"""The way from clips to a head, on a small random encoder and sounds that even that one tells apart."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.numpy import load_file

from backend.training.phonetic import corpus, features, train
from backend.training.phonetic.corpus import Clip, asterisk_clips, folder_clips, foreign_clips, parse_prompts
from models.speech.decode import decode
from models.speech.phones import INDEX, PhoneSpan
from models.speech.phonetic import PhoneticEncoder, load_head
from tests.models.speech.encoders import WIDTH, small_encoder, write_small_encoder

LISTING = """; Core sounds

activated: Activated.
agent-pass: Please enter your agent number: now.
beep: [this is a beep]
digits/1: one more time
"""


def test_prompts_with_speech_are_kept() -> None:
    assert parse_prompts(LISTING) == {
        "agent-pass": "Please enter your agent number: now.",
        "digits/1": "one more time",
    }


def test_prompts_already_unpacked_are_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "_fetch_packages", lambda *_: pytest.fail("fetched"))
    sounds = tmp_path / "asterisk/usr/share/asterisk/sounds/en_US_f_Allison"
    listing = tmp_path / "asterisk/usr/share/doc/asterisk-core-sounds-en"
    for folder in (sounds / "digits", listing):
        folder.mkdir(parents=True)
    (sounds / "digits/1.g722").touch()
    with gzip.open(listing / "core-sounds-en.txt.gz", "wt") as file:
        file.write(LISTING)
    assert asterisk_clips(tmp_path) == [Clip("asterisk-digits-1", sounds / "digits/1.g722", "one more time")]


def test_prompts_of_other_languages_are_those_of_some_length(tmp_path: Path) -> None:
    sounds = tmp_path / "asterisk-foreign/usr/share/asterisk/sounds/it_IT_m_Carlo/digits"
    sounds.mkdir(parents=True)
    (sounds / "long.g722").write_bytes(bytes(20_000))
    (sounds / "short.g722").write_bytes(bytes(8_000))
    assert foreign_clips(tmp_path) == [Clip("it_IT_m_Carlo-digits-long", sounds / "long.g722", "")]


def test_a_folder_that_is_not_there_has_no_clips(tmp_path: Path) -> None:
    assert folder_clips(tmp_path / "none") == []
    (tmp_path / "transcripts.tsv").write_text('file\tseconds\ttext\na.ogg\t1.0\tsay "hello\n')
    (clip,) = folder_clips(tmp_path)
    assert clip.transcript == 'say "hello' and clip.audio == tmp_path / "a.ogg"


def buzz_and_hiss(folder: Path, count: int) -> tuple[list[Clip], dict[str, list[PhoneSpan]]]:
    """Clips of a low tone (called AA) and a hiss (called S) by turns, with quiet between them."""
    random = np.random.default_rng(0)
    clips, spans = [], {}
    for index in range(count):
        pieces, phones, time = [], [], 0.0
        while time < 2.5:
            for label in ("SIL", "AA", "SIL", "S"):
                seconds = float(random.uniform(0.1, 0.3))
                ticks = np.arange(int(seconds * 16000))
                sound = {"SIL": 0.0 * ticks, "AA": np.sin(ticks * 0.1), "S": random.standard_normal(len(ticks))}[label]
                pieces.append(0.2 * sound)
                phones.append(PhoneSpan(label, time, time + seconds))
                time += seconds
        path = folder / f"{index}.wav"
        soundfile.write(path, np.concatenate(pieces), 16000)
        clips.append(Clip(f"clip-{index}", path, ""))
        spans[f"clip-{index}"] = phones
    return clips, spans


def test_features_are_made_once_and_repeatably(tmp_path: Path) -> None:
    clips, spans = buzz_and_hiss(tmp_path, 2)
    files = features.cache_features(small_encoder(), clips, spans, tmp_path / "f", draws=1, seed=0)
    made = {file: load_file(file) for file in files}
    clean = made[tmp_path / "f/clip-0.0.safetensors"]
    frames = -(-soundfile.info(clips[0].audio).frames // 320)
    assert clean["labels"].shape == (frames, 29) and clean["states"].shape[1:] == (frames, WIDTH)
    first = files[0]
    first.write_bytes(b"kept")
    (tmp_path / "f/clip-1.1.safetensors").unlink()
    features.cache_features(small_encoder(), clips, spans, tmp_path / "f", draws=1, seed=0)
    assert first.read_bytes() == b"kept"
    again = load_file(tmp_path / "f/clip-1.1.safetensors")
    np.testing.assert_array_equal(again["states"], made[tmp_path / "f/clip-1.1.safetensors"]["states"])


def test_noise_is_labelled_as_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_NOISE_CLIPS", 2)
    files = features.cache_noise(small_encoder(), tmp_path, seed=0)
    assert len(files) == 2
    for file in files:
        assert (load_file(file)["labels"].argmax(axis=1) == INDEX["SIL"]).all()


def test_clips_without_transcript_are_labelled_by_a_teacher_once(tmp_path: Path) -> None:
    clips, _ = buzz_and_hiss(tmp_path, 1)
    encoder, head = write_small_encoder(tmp_path)
    teacher = PhoneticEncoder.load(encoder=encoder, head=head)
    heard = features.recognised(clips, teacher, tmp_path / "heard")["clip-0"]
    expected = decode(teacher.posteriors(soundfile.read(clips[0].audio, dtype="float32")[0]))
    assert [span.label for span in heard] == [span.label for span in expected]
    assert features.recognised(clips, None, tmp_path / "heard")["clip-0"] == heard  # type: ignore[arg-type]


def test_clips_that_cannot_be_aligned_are_left_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1600), 16000)
    clip = Clip("a", tmp_path / "a.wav", "hello there")
    assert features.aligned([clip], tmp_path / "out") == {}
    assert json.loads((tmp_path / "out/a.json").read_text()) == []
    monkeypatch.setattr(features, "align", lambda *_: pytest.fail("aligned again"))
    features.aligned([clip], tmp_path / "out")


@pytest.fixture
def short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (train, "BATCH", 6),
        (train, "LAYERS", 3),
        (train, "_KEEP_EVERY", 20),
        (features, "LAYERS", 3),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("short_training")
def test_training_learns_to_tell_sounds_apart(tmp_path: Path) -> None:
    clips, spans = buzz_and_hiss(tmp_path, 3)
    files = features.cache_features(small_encoder(), clips, spans, tmp_path / "f", draws=0, seed=0)
    head = train.train(files, WIDTH, tmp_path / "head.pt", seed=0, steps=60)
    train.save_head(head, tmp_path / "head.safetensors")
    encoder = PhoneticEncoder(small_encoder(), load_head(tmp_path / "head.safetensors", WIDTH))
    heard = encoder.posteriors(soundfile.read(clips[0].audio, dtype="float32")[0])
    assert (heard.argmax(axis=1) == load_file(files[0])["labels"].argmax(axis=1)).mean() > 0.8


@pytest.mark.usefixtures("short_training")
def test_a_broken_off_training_ends_with_the_same_head(tmp_path: Path) -> None:
    clips, spans = buzz_and_hiss(tmp_path, 2)
    files = features.cache_features(small_encoder(), clips, spans, tmp_path / "f", draws=0, seed=0)
    whole = train.train(files, WIDTH, tmp_path / "a.pt", seed=0, steps=60)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(train.Batches, "draw", _stops_after(train.Batches.draw, 25))
        with pytest.raises(KeyboardInterrupt):
            train.train(files, WIDTH, tmp_path / "b.pt", seed=0, steps=60)
    resumed = train.train(files, WIDTH, tmp_path / "b.pt", seed=0, steps=60)
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value)


def _stops_after(real, steps: int):
    """`Batches.draw` that is interrupted after some calls."""
    count = 0

    def draw(self, random):
        nonlocal count
        count += 1
        if count > steps:
            raise KeyboardInterrupt
        return real(self, random)

    return draw


def test_frames_beyond_the_end_do_not_count() -> None:
    logits = torch.randn(1, 4, 29)
    labels = torch.eye(29)[:4][None]
    counts = torch.tensor([[True, True, False, False]])
    changed = logits.clone()
    changed[0, 2:] += 5.0 * torch.randn(2, 29)
    assert torch.equal(train.loss_of(logits, labels, counts), train.loss_of(changed, labels, counts))
