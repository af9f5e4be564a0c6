"""German of editing, exporting and rendering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "Edit": "Bearbeiten",
    "Export and Render": "Exportieren und Rendern",
    "Tolerance (mm)": "Toleranz (mm)",
    "How far any point of the face may be from where it was, in millimetres on the mesh": (
        "Wie weit ein Punkt des Gesichts von seinem alten Ort entfernt sein darf, in Millimetern auf dem Mesh"
    ),
    "Replace the Action": "Action ersetzen",
    "Change the Action itself; otherwise a copy is changed and the original stays": (
        "Die Action selbst ändern; sonst wird eine Kopie geändert und das Original bleibt"
    ),
    "Engine": "Engine",
    "What renders the film": "Womit der Film gerendert wird",
    "EEVEE": "EEVEE",
    "Fast and good; needs a graphics card": "Schnell und gut; braucht eine Grafikkarte",
    "Cycles": "Cycles",
    "Slow and best; works on every computer": "Langsam und am besten; läuft auf jedem Rechner",
    "Workbench": "Workbench",
    "A quick look without materials; needs a graphics card": (
        "Ein schneller Blick ohne Materialien; braucht eine Grafikkarte"
    ),
    "Size": "Größe",
    "Height of the film in pixels; the width follows the scene": (
        "Höhe des Films in Pixeln; die Breite richtet sich nach der Szene"
    ),
    "Scene": "Szene",
    "The size that the scene has": "Die Größe der Szene",
    "480": "480",
    "720": "720",
    "1080": "1080",
    "480 pixels high": "480 Pixel hoch",
    "720 pixels high": "720 Pixel hoch",
    "1080 pixels high": "1080 Pixel hoch",
    "Quality": "Qualität",
    "Samples per pixel": "Abtastungen je Pixel",
    "Draft": "Entwurf",
    "Good": "Gut",
    "Best": "Beste",
    "16 samples": "16 Abtastungen",
    "64 samples": "64 Abtastungen",
    "256 samples": "256 Abtastungen",
    "Reduce Keys": "Keys verringern",
    "Remove the keys that no point of the face needs; lip closures and blinks keep theirs": (
        "Die Keys entfernen, die kein Punkt des Gesichts braucht; Lippenschlüsse und Lidschläge behalten ihre"
    ),
    "Reducing keys; Esc cancels": "Keys werden verringert; Esc bricht ab",
    "The keys were changed meanwhile; press Reduce Keys again.": (
        "Die Keys wurden inzwischen geändert; drücken Sie noch einmal „Keys verringern“."
    ),
    "{before} keys became {after}; the largest error is {error} mm.": (
        "Aus {before} Keys wurden {after}; der größte Fehler ist {error} mm."
    ),
    "Set Amounts": "Stärken festlegen",
    "Let each region of the face move more or less; lips still close and lids still shut": (
        "Jede Region des Gesichts mehr oder weniger bewegen; Lippen und Lider schließen trotzdem"
    ),
    "How far the brows move": "Wie weit sich die Brauen bewegen",
    "Eyes": "Augen",
    "How far the eyes wander and narrow; blinks stay whole": (
        "Wie weit die Augen wandern und sich verengen; Lidschläge bleiben ganz"
    ),
    "Cheeks and Nose": "Wangen und Nase",
    "How far cheeks and nose move": "Wie weit sich Wangen und Nase bewegen",
    "Tongue": "Zunge",
    "How far the tongue moves": "Wie weit sich die Zunge bewegt",
    "Neck": "Hals",
    "How much the neck tenses": "Wie stark sich der Hals anspannt",
    "How far the head moves and turns about its middle place": (
        "Wie weit sich der Kopf um seine mittlere Lage bewegt und dreht"
    ),
    "Reset Amounts": "Stärken zurücksetzen",
    "Let every region move as it did at first": "Jede Region wieder wie am Anfang bewegen",
    "All amounts are 1 already.": "Alle Stärken sind schon 1.",
    "Make It a Layer": "Zur Ebene machen",
    "Put the performance onto NLA tracks; what you key afterwards is added on top of it": (
        "Die Darbietung auf NLA-Spuren legen; was Sie danach setzen, kommt obenauf dazu"
    ),
    "Go back to Object Mode first.": "Gehen Sie zuerst zurück in den Objektmodus.",
    "This Blender was built without {name}; use the official build.": (
        "Dieses Blender wurde ohne {name} gebaut; nehmen Sie das offizielle."
    ),
    "The file cannot be written: {reason}": "Die Datei kann nicht geschrieben werden: {reason}",
    "{name} is written.": "{name} ist geschrieben.",
    "Export FBX": "FBX exportieren",
    "Write the head with its shape keys and their animation as FBX, for game engines and Maya": (
        "Den Kopf mit seinen Shape Keys und deren Animation als FBX schreiben, für Spiele-Engines und Maya"
    ),
    "Export glTF": "glTF exportieren",
    "Write the head with its shape keys and their animation as one .glb, for the web and game engines": (
        "Den Kopf mit seinen Shape Keys und deren Animation als eine .glb schreiben, für Web und Spiele-Engines"
    ),
    "Export USD": "USD exportieren",
    "Write the head with its shape keys as blend shapes and their animation as USD, for film packages": (
        "Den Kopf mit seinen Shape Keys als Blend Shapes und deren Animation als USD schreiben, für Filmprogramme"
    ),
    "Export Alembic": "Alembic exportieren",
    "Write the moving mesh, baked on every frame of the scene's range, as Alembic": (
        "Das bewegte Mesh, auf jedem Bild der Szene gebacken, als Alembic schreiben"
    ),
    "Render Video": "Video rendern",
    "Render the scene with its sound as an .mp4, in a second Blender, so that this one stays usable": (
        "Die Szene mit ihrem Ton als .mp4 rendern, in einem zweiten Blender, damit dieses benutzbar bleibt"
    ),
    "A video is being rendered. Wait for it or press Cancel.": (
        "Ein Video wird gerendert. Warten Sie, bis es fertig ist, oder drücken Sie Abbrechen."
    ),
    "The scene has no camera; add one, or switch on Camera, Lights and Background.": (
        "Die Szene hat keine Kamera; fügen Sie eine hinzu oder schalten Sie Kamera, Lichter und Hintergrund ein."
    ),
    "Stop rendering the video; no file is left": "Das Rendern abbrechen; es bleibt keine Datei zurück",
    "No video is being rendered.": "Es wird kein Video gerendert.",
    "Open Folder": "Ordner öffnen",
    "Show the folder with the video": "Den Ordner mit dem Video zeigen",
    "No video was rendered yet.": "Es wurde noch kein Video gerendert.",
    "Rendering": "Es wird gerendert",
    "The film could not be rendered.": "Der Film konnte nicht gerendert werden.",
    "Try Cycles if this computer has no graphics card, or press Copy report.": (
        "Nehmen Sie Cycles, wenn dieser Rechner keine Grafikkarte hat, oder drücken Sie Bericht kopieren."
    ),
    "Redo Range": "Bereich neu",
    "Replace a range of frames by the same range of another Action of this head; the rest stays": (
        "Einen Bereich durch denselben einer anderen Action dieses Kopfes ersetzen; der Rest bleibt"
    ),
    "From": "Aus",
    "Action of this head with the same voice, in another style or variation": (
        "Action dieses Kopfes mit derselben Stimme, in anderem Stil oder anderer Variation"
    ),
    "From Frame": "Von Bild",
    "First frame that is replaced": "Erstes Bild, das ersetzt wird",
    "To Frame": "Bis Bild",
    "Last frame that is replaced": "Letztes Bild, das ersetzt wird",
    "Blend": "Übergang",
    "Frames at both ends in which one goes over into the other; closed lips stay closed": (
        "Bilder an beiden Enden, in denen das eine ins andere übergeht; geschlossene Lippen bleiben geschlossen"
    ),
    "Choose the Action to take the frames from.": "Wählen Sie die Action, aus der die Bilder kommen.",
    "Both Actions need linear keys in these frames; choose others.": (
        "Beide Actions brauchen in diesen Bildern lineare Keys; wählen Sie andere."
    ),
}
