"""German of how the backend ends and what is wrong with its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "A Python package that the backend needs is missing.": "Ein Python-Paket, das das Backend braucht, fehlt.",
    "A library that the backend needs could not start.": (
        "Eine Bibliothek, die das Backend braucht, konnte nicht starten."
    ),
    "A library that the backend needs is missing.": "Eine Bibliothek, die das Backend braucht, fehlt.",
    "Check that the disk is not full; Install Style Avatar again in its environment: pip install --force-reinstall style-avatar.": (  # noqa: E501
        "Prüfen, ob die Platte voll ist; Style Avatar "
        "in seiner Umgebung neu installieren: pip install --force-reinstall style-avatar."
    ),
    "Check the permissions of the environment.": "Die Zugriffsrechte der Umgebung prüfen.",
    "Choose the environment again in the preferences.": "Die Umgebung in den Einstellungen neu wählen.",
    "Close other programs if memory was short, then start it again; the jobs go on where they stood.": (
        "Andere Programme schließen, falls Speicher fehlte, dann neu "
        "starten; die Aufträge gehen weiter, wo sie standen."
    ),
    "Install Style Avatar again in its environment: pip install --force-reinstall style-avatar.": (
        "Style Avatar in seiner Umgebung neu installieren: pip install --force-reinstall style-avatar."
    ),
    "Look whether a firewall or security program blocks 127.0.0.1, then start it again.": (
        "Nachsehen, ob eine Firewall oder ein Schutzprogramm 127.0.0.1 sperrt, dann neu starten."
    ),
    "Make room, or choose another data folder in the preferences.": (
        "Platz schaffen oder in den Einstellungen einen anderen Ordner wählen."
    ),
    "Press Copy report and send the text to us.": "Bericht kopieren drücken und uns den Text schicken.",
    "Start it again; if it ends again, press Copy report and send the text to us.": (
        "Es neu starten; wenn es wieder endet, Bericht kopieren drücken und uns den Text schicken."
    ),
    "The backend cannot write to its data folder, or the disk is full.": (
        "Das Backend kann nicht in seinen Ordner schreiben, oder die Platte ist voll."
    ),
    "The backend could not read one of its files.": "Das Backend konnte eine seiner Dateien nicht lesen.",
    "The backend crashed (access violation).": "Das Backend ist abgestürzt (Zugriffsverletzung).",
    "The backend does not understand how this add-on starts it.": (
        "Das Backend versteht nicht, wie dieses Add-on es startet."
    ),
    "The backend ended with an error.": "Das Backend endete mit einem Fehler.",
    "The backend found no free port on this machine.": "Das Backend fand keinen freien Port auf diesem Rechner.",
    "The backend ran out of memory.": "Dem Backend ging der Speicher aus.",
    "The backend uses an instruction that this processor does not have.": (
        "Das Backend benutzt einen Befehl, den dieser Prozessor nicht hat."
    ),
    "The backend was interrupted.": "Das Backend wurde unterbrochen.",
    "The backend was killed, by hand or because the system ran out of memory.": (
        "Das Backend wurde beendet, von Hand oder weil dem System der Speicher ausging."
    ),
    "The backend was told to end by another program.": "Ein anderes Programm hat das Backend beendet.",
    "The backend's own weights are missing or damaged.": "Die Gewichte des Backends fehlen oder sind beschädigt.",
    "The environment's Python is gone.": "Das Python der Umgebung ist nicht mehr da.",
    "The environment's Python may not be run.": "Das Python der Umgebung darf nicht ausgeführt werden.",
    "The list of jobs was written by a newer version of Style Avatar.": (
        "Die Auftragsliste stammt von einer neueren Version von Style Avatar."
    ),
    "Update the environment, or choose another data folder in the preferences.": (
        "Die Umgebung aktualisieren oder in den Einstellungen einen anderen Ordner wählen."
    ),
    "Use the add-on and the backend of the same release.": "Add-on und Backend derselben Version benutzen.",
    "The backend's answer cannot be read.": "Die Antwort des Backends ist nicht lesbar.",
    "The backend's answer is not a job.": "Die Antwort des Backends ist kein Auftrag.",
    "The backend's frames cannot be read.": "Die Bilder des Backends sind nicht lesbar.",
    "The backend's frames are damaged.": "Die Bilder des Backends sind beschädigt.",
    "The backend sent another face model than asked for.": (
        "Das Backend schickte ein anderes Gesichtsmodell als verlangt."
    ),
    "The backend's report cannot be read.": "Der Bericht des Backends ist nicht lesbar.",
    "The backend does not say how long the file is.": "Das Backend sagt nicht, wie lang die Datei ist.",
    "The backend does not say which face model the take is for.": (
        "Das Backend sagt nicht, für welches Gesichtsmodell die Aufnahme ist."
    ),
}
