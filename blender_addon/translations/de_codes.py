"""German of the backend's errors by their codes; see `codes.SENTENCES`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "The backend does not know this Blender.": "Das Backend kennt dieses Blender nicht.",
    "Stop the backend and start it again.": "Das Backend anhalten und neu starten.",
    "The add-on and the backend do not fit together.": "Add-on und Backend passen nicht zueinander.",
    "The backend refused the address that was used for it.": (
        "Das Backend hat die Adresse abgelehnt, unter der es gefragt wurde."
    ),
    "The backend refused a request of another program.": (
        "Das Backend hat die Anfrage eines anderen Programms abgelehnt."
    ),
    "The backend could not use the request.": "Das Backend konnte mit der Anfrage nichts anfangen.",
    "The backend does not know part of the request.": "Das Backend kennt einen Teil der Anfrage nicht.",
    "The backend does not know the request.": "Das Backend kennt diese Anfrage nicht.",
    "The backend does not have this any more.": "Das Backend hat dies nicht mehr.",
    "Start it anew.": "Es neu beginnen.",
    "That does not fit what the backend is doing.": "Das passt nicht zu dem, was das Backend gerade tut.",
    "Wait until it is finished, or cancel it.": "Abwarten, bis es fertig ist, oder es abbrechen.",
    "A file is too large or too long.": "Eine Datei ist zu groß oder zu lang.",
    "Cut it into parts, or use a smaller one.": "Sie in Teile schneiden oder eine kleinere benutzen.",
    "The backend may not read this file.": "Das Backend darf diese Datei nicht lesen.",
    "Choose a file in another folder.": "Eine Datei in einem anderen Ordner wählen.",
    "The voice cannot be used.": "Die Stimme ist nicht zu gebrauchen.",
    "Choose another sound file.": "Eine andere Klangdatei wählen.",
    "The photo cannot be used.": "Das Foto ist nicht zu gebrauchen.",
    "Choose another photo: one face, evenly lit, looking into the camera.": (
        "Ein anderes Foto wählen: ein Gesicht, gleichmäßig beleuchtet, mit Blick in die Kamera."
    ),
    "The transcript does not fit the voice.": "Der Text passt nicht zur Stimme.",
    "Correct it, or go on without one.": "Ihn berichtigen oder ohne Text weitermachen.",
    "The style cannot be used.": "Der Stil ist nicht zu gebrauchen.",
    "Choose another style.": "Einen anderen Stil wählen.",
    "The video cannot be used.": "Das Video ist nicht zu gebrauchen.",
    "Choose another video: one person who speaks to the camera.": (
        "Ein anderes Video wählen: eine Person, die in die Kamera spricht."
    ),
    "Something that the backend needs is missing or damaged.": (
        "Etwas, das das Backend braucht, fehlt oder ist beschädigt."
    ),
    "There was not enough memory.": "Der Speicher reichte nicht.",
    "Close other programs, or use a shorter recording or a smaller photo, and try again.": (
        "Andere Programme schließen oder eine kürzere Aufnahme oder ein kleineres Foto benutzen und es noch einmal "
        "versuchen."
    ),
    "The job stood still and was ended.": "Der Auftrag stand still und wurde beendet.",
    "Try again; if it happens again, press Copy report.": (
        "Noch einmal versuchen; wenn es wieder geschieht, Bericht kopieren drücken."
    ),
    "The job was cancelled.": "Der Auftrag wurde abgebrochen.",
    "The backend made a mistake.": "Das Backend hat einen Fehler gemacht.",
    "A file is larger than {limit} MiB.": "Eine Datei ist größer als {limit} MiB.",
    "The files are larger than {limit} MiB together.": "Die Dateien sind zusammen größer als {limit} MiB.",
    "There is nothing to hear in the voice.": "In der Stimme ist nichts zu hören.",
    "{file} has no length.": "{file} hat keine Länge.",
    "{file} is not there.": "{file} ist nicht da.",
    "{file} cannot be read as sound.": "{file} ist nicht als Klang lesbar.",
    "{file} has no sound.": "{file} hat keinen Ton.",
    "{file} says that it is {declared} s long, but holds {held} s.": (
        "{file} gibt {declared} s an, enthält aber {held} s."
    ),
    "{file} is damaged at {seconds} s.": "{file} ist bei {seconds} s beschädigt.",
    "The voice is longer than {limit} h.": "Die Stimme ist länger als {limit} h.",
    "{file} takes too long to read.": "{file} zu lesen dauert zu lange.",
    "{file} is no picture.": "{file} ist kein Bild.",
    "{file} is damaged or cut short.": "{file} ist beschädigt oder abgeschnitten.",
    "{file} has more than {limit} megapixels; {side} pixels along a side are enough.": (
        "{file} hat mehr als {limit} Megapixel; {side} Pixel je Seite genügen."
    ),
    "No face is seen in the photo.": "Auf dem Foto ist kein Gesicht zu sehen.",
    "The face in the photo is only {pixels} pixels high; it needs {least}.": (
        "Das Gesicht auf dem Foto ist nur {pixels} Pixel hoch; {least} sind nötig."
    ),
    "The edge of the photo cuts off the face.": "Der Rand des Fotos schneidet das Gesicht ab.",
    "There are no words in the transcript.": "Im Text stehen keine Wörter.",
    "{words} words do not fit into {seconds} s.": "{words} Wörter passen nicht in {seconds} s.",
    "The transcript is not what is said, or not English.": (
        "Der Text ist nicht das, was gesagt wird, oder nicht Englisch."
    ),
    "{file} cannot be read as a video.": "{file} ist nicht als Video lesbar.",
    "{file} holds sound only.": "{file} enthält nur Ton.",
    "The video is longer than {limit} h.": "Das Video ist länger als {limit} h.",
    "The video has {seconds} s; it needs {least} s.": "Das Video hat {seconds} s; {least} s sind nötig.",
    "{file} has {width} x {height} pixels; {limit} megapixels are the most.": (
        "{file} hat {width} x {height} Pixel; {limit} Megapixel sind das Höchste."
    ),
    "{file} has more than {limit} pictures a second.": "{file} hat mehr als {limit} Bilder pro Sekunde.",
    "No face is seen in the video.": "Im Video ist kein Gesicht zu sehen.",
    "More than one person is seen in the video.": "Im Video ist mehr als eine Person zu sehen.",
    "The face in the video is only {pixels} pixels high; it needs {least}.": (
        "Das Gesicht im Video ist nur {pixels} Pixel hoch; {least} sind nötig."
    ),
    "The edge of the video cuts off the face in {pictures} of {total} pictures.": (
        "Der Rand des Videos schneidet das Gesicht in {pictures} von {total} Bildern ab."
    ),
    "The longest of {shots} shots has {seconds} s; it needs {least} s.": (
        "Die längste von {shots} Einstellungen hat {seconds} s; {least} s sind nötig."
    ),
    "The system ended the backend's work, as memory was short.": (
        "Das System beendete die Arbeit des Backends, weil Speicher fehlte."
    ),
    "The system ended the backend's work {times} times, as memory was short.": (
        "Das System beendete die Arbeit des Backends {times}-mal, weil Speicher fehlte."
    ),
    "The Python package {package} is missing.": "Das Python-Paket {package} fehlt.",
    "The backend's work crashed.": "Die Arbeit des Backends ist abgestürzt.",
    "The backend's work could not be started, {times} times.": (
        "Die Arbeit des Backends ließ sich {times}-mal nicht starten."
    ),
}
