"""German of what the add-on says: reasons, errors and states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "{name} is running. Wait for it or press Cancel.": "{name} läuft. Abwarten oder Abbrechen drücken.",
    "The backend has ended.": "Das Backend wurde beendet.",
    "Start it again.": "Es neu starten.",
    "Choose a sound file as the voice.": "Eine Klangdatei als Stimme wählen.",
    "Choose a video and press Measure Style.": "Ein Video wählen und Stil messen drücken.",
    "Make a new head.": "Einen neuen Kopf machen.",
    "Choose a sound strip as the voice.": "Einen Klangstreifen als Stimme wählen.",
    "Choose a photo of the face.": "Ein Foto des Gesichts wählen.",
    "Choose a head that Style Avatar made.": "Einen Kopf von Style Avatar wählen.",
    "Choose a style file.": "Eine Stildatei wählen.",
    "{name} is ready. Press Space to play.": "{name} ist fertig. Die Leertaste spielt ab.",
    "The sound strip {name} is not in this scene; choose another.": (
        "Der Klangstreifen {name} ist nicht in dieser Szene; einen anderen wählen."
    ),
    "{name} is not in this scene; choose another head.": "{name} ist nicht in dieser Szene; einen anderen Kopf wählen.",
    "{name} is linked from another file; open that file.": (
        "{name} ist aus einer anderen Datei verlinkt; jene Datei öffnen."
    ),
    "A file cannot be read.": "Eine Datei kann nicht gelesen werden.",
    "There is no file {file}.": "Die Datei {file} gibt es nicht.",
    "Choose the file again.": "Die Datei neu wählen.",
    "A setting is not a finite number.": "Eine Einstellung ist keine endliche Zahl.",
    "Reset the sliders.": "Die Regler zurücksetzen.",
    "The backend ended while it worked.": "Das Backend endete während der Arbeit.",
    "Start the backend again.": "Das Backend neu starten.",
    "Choose another folder for results.": "Einen anderen Ordner für Ergebnisse wählen.",
    "Try again.": "Noch einmal versuchen.",
    "The disk is full.": "Die Platte ist voll.",
    "Make room and try again.": "Platz schaffen und noch einmal versuchen.",
    "The backend did not say properly where it listens.": (
        "Das Backend hat nicht richtig gesagt, wo es zu erreichen ist."
    ),
    "Other users of this computer could read the backend's token, so it was not used.": (
        "Andere Benutzer dieses Rechners könnten den Schlüssel des Backends lesen; er wurde nicht benutzt."
    ),
    "Use a temporary folder on a disk that keeps permissions (TMPDIR), then start the backend again.": (
        "Einen temporären Ordner auf einer Platte mit Zugriffsrechten benutzen (TMPDIR), dann das Backend neu starten."
    ),
    "The head was deleted while it was being made.": "Der Kopf wurde gelöscht, während er gemacht wurde.",
    "Press Animate again.": "Noch einmal Animieren drücken.",
    "The scene is not there any more.": "Die Szene ist nicht mehr da.",
    "Press Copy report.": "Bericht kopieren drücken.",
    "The job failed.": "Der Auftrag ist gescheitert.",
    "Looking for the backend.": "Das Backend wird gesucht.",
    "The backend is starting.": "Das Backend startet.",
    "The backend is loading its models.": "Das Backend lädt seine Modelle.",
    "The backend is ready.": "Das Backend ist bereit.",
    "The backend is starting its worker again.": "Das Backend startet seinen Arbeiter neu.",
    "Start it again; if it stays so, press Copy report.": (
        "Es neu starten; wenn es so bleibt, Bericht kopieren drücken."
    ),
    "The backend could not be started.": "Das Backend konnte nicht gestartet werden.",
    "The backend does not answer.": "Das Backend antwortet nicht.",
    "Wait a moment; if it stays so, stop the backend and start it again.": (
        "Einen Moment warten; wenn es so bleibt, das Backend anhalten und neu starten."
    ),
    "The connection to the backend broke off.": "Die Verbindung zum Backend brach ab.",
    "Start the backend again if it has stopped.": "Das Backend neu starten, falls es endete.",
    "The backend is not running.": "Das Backend läuft nicht.",
    "Start the backend.": "Das Backend starten.",
    "What answers is not the backend.": "Was antwortet, ist nicht das Backend.",
    "The connection to the backend was closed.": "Die Verbindung zum Backend wurde geschlossen.",
    "The backend's answer is far too long.": "Die Antwort des Backends ist viel zu lang.",
    "Restart Blender.": "Blender neu starten.",
    "There is no running backend behind this runtime file.": "Hinter dieser Laufzeitdatei läuft kein Backend.",
    "Start one with: style-avatar serve --runtime FILE, and choose that file in the preferences.": (
        "Eines starten mit: style-avatar serve --runtime DATEI, und jene Datei in den Einstellungen wählen."
    ),
    "Connecting to the backend.": "Verbindung zum Backend wird aufgenommen.",
    "Choose a .json or .npz style file.": "Eine Stildatei (.json oder .npz) wählen.",
    "Install Style Avatar again.": "Style Avatar neu installieren.",
    "Find it again: File › External Data.": "Sie wiederfinden: Datei › Externe Daten.",
    "This Blender came without its module aud, which cuts a trimmed strip.": (
        "Diesem Blender fehlt das Modul aud, das einen gekürzten Streifen zuschneidet."
    ),
    "Render the strip to a sound file, and choose that file as the voice.": (
        "Den Streifen in eine Klangdatei rendern und diese als Stimme wählen."
    ),
    "Use an untrimmed strip, or the file itself.": "Einen ungeschnittenen Streifen oder die Datei selbst benutzen.",
    "No environment is chosen.": "Es ist keine Umgebung gewählt.",
    "Install it there (pip install style-avatar), or choose another environment.": (
        "Es dort installieren (pip install style-avatar) oder eine andere Umgebung wählen."
    ),
    "Try again, or choose another one.": "Noch einmal versuchen oder eine andere wählen.",
    "No thread could be started.": "Es konnte kein Thread gestartet werden.",
    "The add-on made a mistake.": "Das Add-on hat einen Fehler gemacht.",
    "Another file was opened while the head was being made.": (
        "Eine andere Datei wurde geöffnet, während der Kopf gemacht wurde."
    ),
    "Press Animate again; what was computed is kept.": (
        "Noch einmal Animieren drücken; was berechnet ist, bleibt erhalten."
    ),
    "The backend is stopped.": "Das Backend ist angehalten.",
    "The backend sent no style.": "Das Backend hat keinen Stil geschickt.",
    "The report is on the clipboard.": "Der Bericht ist in der Zwischenablage.",
    "Nothing is being computed.": "Es wird nichts berechnet.",
    "Start the backend first.": "Zuerst das Backend starten.",
    "Switch the add-on on in the preferences first.": "Zuerst das Add-on in den Einstellungen einschalten.",
    "The backend is running already.": "Das Backend läuft schon.",
    "Choose the runtime file of the running backend in the preferences.": (
        "In den Einstellungen die Laufzeitdatei des laufenden Backends wählen."
    ),
    "Choose a video of a person who speaks.": "Ein Video einer Person wählen, die spricht.",
    "The file cannot be written: {reason}": "Die Datei kann nicht geschrieben werden: {reason}",
    "Select a head that Style Avatar made.": "Einen Kopf von Style Avatar auswählen.",
    "{name} plays no Action; press Animate, or assign one.": (
        "{name} spielt keine Aktion; Animieren drücken oder eine zuweisen."
    ),
}
