import json

import pytest

from backend.speech_folder import SpeechFolderError, recordings

LABELS = {
    "t": "up",
    "w": [
        {"t": "<sil>", "w": [{"t": "SIL", "b": 0.0, "d": 0.2}]},
        {"t": "up", "w": [{"t": "AH1", "b": 0.2, "d": 0.1}, {"t": "P", "b": 0.3, "d": 0.1}]},
    ],
}


def test_labels_and_transcripts_are_read(tmp_path):
    for name in ("a.wav", "b.ogg", "c.ogg"):
        (tmp_path / name).touch()
    (tmp_path / "a.phone.json").write_text(json.dumps(LABELS))
    (tmp_path / "transcripts.tsv").write_text('file\tseconds\ttext\nb.ogg\t1.0\tsay "it\n')
    first, second = recordings(tmp_path)
    assert first.path.name == "a.wav" and first.transcript == "up"
    assert first.labels is not None
    assert [(span.label, span.stress) for span in first.labels] == [("SIL", 0), ("AH", 1), ("P", 0)]
    assert second.path.name == "b.ogg" and second.transcript == 'say "it' and second.labels is None


@pytest.mark.parametrize("broken", ["{", "{}", '{"t": "x", "w": [{"w": [{"t": "QQ", "b": 0, "d": 1}]}]}'])
def test_damaged_labels_are_one_clear_error(tmp_path, broken):
    (tmp_path / "a.wav").touch()
    (tmp_path / "a.phone.json").write_text(broken)
    with pytest.raises(SpeechFolderError, match=r"a\.phone\.json"):
        recordings(tmp_path)


def test_folder_without_speech_is_refused(tmp_path):
    with pytest.raises(SpeechFolderError, match="holds no speech"):
        recordings(tmp_path)
    with pytest.raises(SpeechFolderError, match="no folder"):
        recordings(tmp_path / "nowhere")
    (tmp_path / "transcripts.tsv").write_text("name\twords\n")
    (tmp_path / "a.wav").touch()
    with pytest.raises(SpeechFolderError, match="columns"):
        recordings(tmp_path)
