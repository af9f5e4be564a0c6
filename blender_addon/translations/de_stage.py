"""German: sets, their light, and the surface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "Set and Light": "Set und Licht",
    "Build Set": "Set aufbauen",
    "Replace Set": "Set ersetzen",
    "Remove Set": "Set abbauen",
    "Put a backdrop and this light around the selected head, and a camera where there is none; "
    "an earlier set and the lamps that came with the head go": (
        "Einen Hintergrund und dieses Licht um den ausgewählten Kopf stellen, und eine Kamera, wo keine ist; "
        "ein früheres Set und die Lampen, die mit dem Kopf kamen, gehen"
    ),
    "Take the backdrop and the lamps of the set away; camera and world stay": (
        "Hintergrund und Lampen des Sets wegnehmen; Kamera und Welt bleiben"
    ),
    "Light": "Licht",
    "What lights the head": "Was den Kopf beleuchtet",
    "Studio, Soft": "Studio, weich",
    "A large key light, a fill and a rim light": "Ein großes Führungslicht, ein Aufheller und ein Kantenlicht",
    "Studio, Rim": "Studio, Kante",
    "Two rim lights, cold and warm, before a dark backdrop": (
        "Zwei Kantenlichter, kalt und warm, vor dunklem Hintergrund"
    ),
    "Window": "Fenster",
    "A large window at the side of a dim room": "Ein großes Fenster an der Seite eines dämmrigen Raums",
    "Daylight": "Tageslicht",
    "A low sun under a bright sky": "Eine tiefe Sonne unter hellem Himmel",
    "The light that fell on the face in the photo the head was made from": (
        "Das Licht, das in dem Foto auf das Gesicht fiel, aus dem der Kopf gemacht wurde"
    ),
    "Panorama": "Panorama",
    "An equirectangular panorama (.hdr or .exr)": "Ein äquirektanguläres Panorama (.hdr oder .exr)",
    "The lamps and the world that the scene has": "Die Lampen und die Welt, die die Szene hat",
    "Turn": "Drehung",
    "How far the panorama is turned about the head": "Wie weit das Panorama um den Kopf gedreht ist",
    "Backdrop": "Hintergrund",
    "Paper that hangs behind the head and curves into the floor": (
        "Papier, das hinter dem Kopf hängt und in den Boden übergeht"
    ),
    "This head was made without a photo; choose another light.": (
        "Dieser Kopf entstand ohne Foto; wählen Sie ein anderes Licht."
    ),
    "Choose a panorama, an .hdr or .exr file.": "Wählen Sie ein Panorama, eine .hdr- oder .exr-Datei.",
    "Skin as Maps": "Haut als Bilder",
    "Write pores, lip lines and gloss as a normal map and a roughness map, of 2048 pixels a side": (
        "Poren, Lippenlinien und Glanz als Normal-Map und Rauheits-Map schreiben, mit 2048 Pixeln Seitenlänge"
    ),
    "The scene has no set.": "Die Szene hat kein Set.",
    "Blender cannot read {path} as a panorama; give an .hdr or .exr file.": (
        "Blender kann {path} nicht als Panorama lesen; geben Sie eine .hdr- oder .exr-Datei an."
    ),
    "{path} has {width} x {height} pixels; an equirectangular panorama is twice as wide as high.": (
        "{path} hat {width} x {height} Pixel; ein äquirektanguläres Panorama ist doppelt so breit wie hoch."
    ),
    "{path} holds no light that falls on the face.": "{path} enthält kein Licht, das auf das Gesicht fällt.",
}
