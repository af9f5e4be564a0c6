"""Every error that the backend can send is told in German, too."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blender_addon.trouble import Trouble

API = Path(__file__).resolve().parents[3] / "docs" / "api.md"


@pytest.fixture
def german(blender: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    from blender_addon import translations

    words = dict(translations.GERMAN)
    monkeypatch.setattr(translations, "tr", lambda text: words.get(text, text))
    yield words


def test_every_code_of_the_api_has_its_sentences(blender: Any) -> None:
    from backend.server.errors import STATUS
    from blender_addon.translations import GERMAN
    from blender_addon.translations.codes import SENTENCES

    assert len(STATUS) > 20 and set(STATUS) <= set(SENTENCES)
    assert all(sentence.endswith(".") for pair in SENTENCES.values() for sentence in pair)
    missing = {sentence for pair in SENTENCES.values() for sentence in pair} - set(GERMAN)
    assert not missing


PROGRAMS = {"bad_request", "unknown_field", "not_found"}  # mistakes of the add-on's own: their codes say enough
SPECIAL = {"description_too_large", "models_unlisted"}  # likewise


def test_every_reason_of_the_api_has_its_sentence(blender: Any) -> None:
    from blender_addon.translations import GERMAN
    from blender_addon.translations.codes import REASONS, SENTENCES

    rows = re.findall(r"^\| `(\w+)` \| \d+ \| `(\w+)` \| (.*?) \|", API.read_text(encoding="utf-8"), re.MULTILINE)
    for code, reason, parameters in rows:
        if code in PROGRAMS or reason in SPECIAL:
            continue
        assert code in SENTENCES and reason in REASONS, reason
        assert set(re.findall(r"{(\w+)}", REASONS[reason])) <= set(re.findall(r"`(\w+)`", parameters)), reason
    assert set(REASONS.values()) <= set(GERMAN)


def test_a_reason_is_told_with_its_parameters(german: dict[str, str]) -> None:
    from blender_addon.connection.transport import refusal
    from blender_addon.translations.codes import told

    error: dict[str, Any] = {
        "code": "bad_image",
        "message": "The face is 40 pixels high.",
        "advice": "Use a larger one.",
    }
    error |= {"reason": "photo_small_face", "parameters": {"pixels": 40, "least": 64.0}}
    text = told(refusal(422, json.dumps({"error": error}).encode()).trouble)
    assert text.startswith("Das Gesicht auf dem Foto ist nur 40 Pixel hoch; 64 sind nötig. Ein anderes Foto wählen")
    error["parameters"] = {"pixels": 40}
    assert "(The face is 40 pixels high.)" in told(refusal(422, json.dumps({"error": error}).encode()).trouble)


def test_the_backends_english_is_told_by_its_code(german: dict[str, str]) -> None:
    from blender_addon.translations.codes import told

    text = told(Trouble("bad_image", "There are 2 faces in the photo.", "Crop it to one."))
    assert text.startswith("Das Foto ist nicht zu gebrauchen. (There are 2 faces in the photo.)")
    assert "Ein anderes Foto wählen" in text and "Crop" not in text


def test_a_text_of_the_tables_is_told_as_it_is(german: dict[str, str]) -> None:
    from blender_addon.translations.codes import told

    assert told(Trouble("disk_full", "The disk is full.", "Make room and try again.")) == (
        "Die Platte ist voll. Platz schaffen und noch einmal versuchen."
    )


def test_an_unknown_code_stays_english(german: dict[str, str]) -> None:
    from blender_addon.translations.codes import told

    assert told(Trouble("meteorite", "It hit the roof.", "Move.")) == "It hit the roof. Move."


def test_english_stays_as_the_backend_wrote_it(blender: Any) -> None:
    from blender_addon.translations.codes import told

    assert told(Trouble("bad_audio", "The file has no sound.", "Choose another.")) == (
        "The file has no sound. Choose another."
    )


def test_a_file_that_is_gone_is_named_in_german(german: dict[str, str]) -> None:
    from blender_addon.jobs.asked import existing
    from blender_addon.translations.codes import told
    from blender_addon.trouble import ClientError

    with pytest.raises(ClientError) as caught:
        existing(Path("gone.wav"), "voice")
    assert told(caught.value.trouble) == "Die Datei gone.wav gibt es nicht. Die Datei neu wählen."


def test_every_preset_is_described_in_german(blender: Any) -> None:
    from blender_addon.translations import GERMAN
    from models.motion import styles

    assert len(styles.STYLES) > 5
    assert not {one.description for one in styles.STYLES.values()} - set(GERMAN)
