import pytest

from backend.festival_voice import spans, voice_recordings
from backend.speech_folder import SpeechFolderError
from models.speech.phones import PhoneSpan

LABEL = "separator ;\nnfields 1\n#\n0.30 125 pau\n0.42 125 mm\n0.50 125 a\n0.62 125 zh\n"


def test_labels_become_spans_of_our_classes(tmp_path):
    (tmp_path / "lab").mkdir()
    for name in ("ru_0001", "ru_0002", "ru_0003"):
        (tmp_path / "lab" / f"{name}.lab").write_text(LABEL)
    found = voice_recordings(tmp_path, every=2)
    assert [one.path for one in found] == [tmp_path / "wav" / "ru_0001.wav", tmp_path / "wav" / "ru_0003.wav"]
    assert found[0].labels == [
        PhoneSpan("SIL", 0.0, 0.30),
        PhoneSpan("M", 0.30, 0.42),
        PhoneSpan("AA", 0.42, 0.50),
        PhoneSpan("SH", 0.50, 0.62),
    ]
    assert found[0].transcript == ""


@pytest.mark.parametrize("broken", ["no header", "#\n0.3 125 xx\n", "#\n0.3\n", "#\nlate 125 a\n"])
def test_damaged_labels_are_one_clear_error(tmp_path, broken):
    (tmp_path / "a.lab").write_text(broken)
    with pytest.raises(SpeechFolderError, match=r"a\.lab"):
        spans(tmp_path / "a.lab")


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(SpeechFolderError, match="no Festival voice"):
        voice_recordings(tmp_path)
