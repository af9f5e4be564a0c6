"""German of labels, tooltips and stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "Environment": "Umgebung",
    "Folder of the Python environment with Style Avatar, or of a project that has one in .venv": (
        "Ordner der Python-Umgebung mit Style Avatar oder eines Projekts, das eine in .venv hat"
    ),
    "Start with Blender": "Mit Blender starten",
    "Start the backend whenever Blender starts; otherwise it starts when you press the button": (
        "Das Backend mit jedem Blender starten; sonst startet es auf Knopfdruck"
    ),
    "Cache Folder": "Zwischenspeicher",
    "Folder for the backend's jobs and results; leave it empty for the usual place": (
        "Ordner für Aufträge und Ergebnisse des Backends; leer lassen für den üblichen Ort"
    ),
    "Connect to Running Backend": "Mit laufendem Backend verbinden",
    "Use a backend that was started outside of Blender on this computer, as farms do": (
        "Ein Backend benutzen, das auf diesem Rechner außerhalb von Blender gestartet wurde, wie auf Renderfarmen"
    ),
    "Runtime File": "Laufzeitdatei",
    "File that the running backend wrote when it started (style-avatar serve --runtime FILE)": (
        "Datei, die das laufende Backend beim Start geschrieben hat (style-avatar serve --runtime DATEI)"
    ),
    "Voice": "Stimme",
    "Where the voice comes from": "Woher die Stimme kommt",
    "Sound File": "Klangdatei",
    "Recording of one person who speaks: WAV, FLAC, OGG, MP3, or a film": (
        "Aufnahme einer Person, die spricht: WAV, FLAC, OGG, MP3 oder ein Film"
    ),
    "Sound Strip": "Klangstreifen",
    "Sound strip of this scene's sequencer; what is trimmed away is not spoken": (
        "Klangstreifen im Sequenzer dieser Szene; was weggeschnitten ist, wird nicht gesprochen"
    ),
    "First Frame": "Erstes Bild",
    "Frame of the scene on which the voice begins": "Bild der Szene, auf dem die Stimme beginnt",
    "Face": "Gesicht",
    "Whose face speaks": "Wessen Gesicht spricht",
    "Photo": "Foto",
    "Photo of one face, looking into the camera, evenly lit": (
        "Foto eines Gesichts, das in die Kamera blickt, gleichmäßig beleuchtet"
    ),
    "Head": "Kopf",
    "Head that Style Avatar made": "Ein Kopf von Style Avatar",
    "Style": "Stil",
    "Where the way of speaking comes from": "Woher die Sprechweise kommt",
    "Way of speaking": "Sprechweise",
    "With": "Mit",
    "The other way of speaking": "Die andere Sprechweise",
    "Share": "Anteil",
    "How much of the second style there is in the mix": "Wie viel vom zweiten Stil in der Mischung ist",
    "Style File": "Stildatei",
    "Style that was saved from a video or a mix": "Stil, der aus einem Video oder einer Mischung gespeichert wurde",
    "Video": "Video",
    "Video of one person who speaks to the camera; ten seconds are enough, a minute is better": (
        "Video einer Person, die in die Kamera spricht; zehn Sekunden genügen, eine Minute ist besser"
    ),
    "Motion": "Bewegung",
    "What turns the voice into movement": "Was die Stimme in Bewegung umsetzt",
    "Learned": "Gelernt",
    "A network moves the mouth, nearer to the way real mouths move": (
        "Ein Netz bewegt den Mund, näher an der Art, wie echte Münder sich bewegen"
    ),
    "Rules": "Regeln",
    "Rules move the mouth, sound by sound: even and clear": (
        "Regeln bewegen den Mund, Laut für Laut: gleichmäßig und deutlich"
    ),
    "Transcript": "Wortlaut",
    "What is said, in English; lips become more exact with it": (
        "Was gesagt wird, auf Englisch; die Lippen werden damit genauer"
    ),
    "Words": "Worte",
    "What is said, word for word, in English": "Was gesagt wird, Wort für Wort, auf Englisch",
    "Text": "Text",
    "Text of the Text Editor that holds what is said, word for word, in English": (
        "Text des Texteditors, der Wort für Wort enthält, was gesagt wird, auf Englisch"
    ),
    "Lips": "Lippen",
    "How far the lips move; they close on m, b and p at any amount": (
        "Wie weit sich die Lippen bewegen; bei m, b und p schließen sie immer"
    ),
    "Jaw": "Kiefer",
    "How far the jaw opens": "Wie weit sich der Kiefer öffnet",
    "Brows": "Brauen",
    "How far the brows move on emphasis": "Wie weit sich die Brauen bei Betonungen bewegen",
    "Blinks": "Lidschläge",
    "How often the eyes blink; 0 for never": "Wie oft die Augen blinzeln; 0 für nie",
    "Gaze": "Blick",
    "How far the eyes wander; 0 looks straight ahead": "Wie weit der Blick wandert; 0 sieht geradeaus",
    "How far the head moves and nods; 0 keeps it still": "Wie weit sich der Kopf bewegt und nickt; 0 hält ihn still",
    "Variation": "Variation",
    "Another number gives other blinks, glances and head movements for the same voice": (
        "Eine andere Zahl ergibt andere Lidschläge, Blicke und Kopfbewegungen zur selben Stimme"
    ),
    "Camera, Lights and Background": "Kamera, Licht und Hintergrund",
    "Add a portrait camera, three lights and a dark background around a new head, and look through it": (
        "Um einen neuen Kopf eine Porträtkamera, drei Lampen und "
        "einen dunklen Hintergrund stellen und durch die Kamera blicken"
    ),
    "Show While Computing": "Beim Berechnen zeigen",
    "Go to the newest frame while the movement is being computed, unless the animation plays": (
        "Zum neuesten Bild gehen, während die Bewegung berechnet wird, solange die Animation nicht abspielt"
    ),
    "Pack Sound": "Klang einpacken",
    "Store the sound in the .blend file": "Den Klang in der .blend-Datei speichern",
    "File": "Datei",
    "A sound file, or a film whose sound is used": "Eine Klangdatei oder ein Film, dessen Ton benutzt wird",
    "A sound strip that is in this scene's sequencer; the head speaks where it lies": (
        "Ein Klangstreifen im Sequenzer dieser Szene; der Kopf spricht, wo er liegt"
    ),
    "A new head with the face of the person in a photo": "Ein neuer Kopf mit dem Gesicht der Person auf einem Foto",
    "A head that Style Avatar made before gets a new Action; its older ones are kept": (
        "Ein Kopf, den Style Avatar schon gemacht hat, bekommt eine neue Aktion; seine älteren bleiben"
    ),
    "Average": "Durchschnitt",
    "A new head with the average face of the face model": (
        "Ein neuer Kopf mit dem Durchschnittsgesicht des Gesichtsmodells"
    ),
    "Preset": "Vorgabe",
    "an even, conversational delivery": "gleichmäßig, wie im Gespräch",
    "quiet and unhurried: small, soft movements, a still head": (
        "leise und ohne Eile: kleine, weiche Bewegungen, ein ruhiger Kopf"
    ),
    "large and lively: open jaw, quick lips, brows and head on every emphasis": (
        "groß und lebhaft: offener Kiefer, schnelle Lippen, Brauen und Kopf bei jeder Betonung"
    ),
    "lips and jaw hardly part and phones run together": (
        "Lippen und Kiefer öffnen sich kaum, und Laute gehen ineinander über"
    ),
    "every phone spelt out, as for a lip reader": "jeder Laut deutlich geformt, wie zum Lippenlesen",
    "a smile in the voice, lifted cheeks, a lively head": (
        "ein Lächeln in der Stimme, gehobene Wangen, ein lebhafter Kopf"
    ),
    "lowered head, raised inner brows, corners down, slow": (
        "gesenkter Kopf, innen gehobene Brauen, Mundwinkel unten, langsam"
    ),
    "lowered brows, firm lips, a fixed gaze": "gesenkte Brauen, feste Lippen, ein starrer Blick",
    "heavy lids, a slack mouth, a head that sinks": "schwere Lider, ein schlaffer Mund, ein sinkender Kopf",
    "small movements, eyes that wander, a tilted head": ("kleine Bewegungen, wandernde Augen, ein geneigter Kopf"),
    "clear and engaged, steady eye contact, nods that lead the listener": (
        "klar und zugewandt, fester Blickkontakt, ein Nicken, das die Zuhörer führt"
    ),
    "A style that comes with Style Avatar": "Ein Stil, der mit Style Avatar kommt",
    "Mix": "Mischung",
    "Something between two styles": "Etwas zwischen zwei Stilen",
    "The way a person speaks in a video": "Wie eine Person in einem Video spricht",
    "A style file that was saved before": "Eine früher gespeicherte Stildatei",
    "None": "Ohne",
    "Listen to the voice only": "Nur auf die Stimme hören",
    "Typed": "Getippt",
    "Type what is said": "Eintippen, was gesagt wird",
    "A text of Blender's Text Editor": "Ein Text aus Blenders Texteditor",
    "Start Backend": "Backend starten",
    "Start the backend that computes the movement; it runs on this computer and ends with Blender": (
        "Das Backend starten, das die Bewegung berechnet; es läuft auf diesem Rechner und endet mit Blender"
    ),
    "Stop": "Anhalten",
    "End the backend, and cancel what it works on": "Das Backend beenden und abbrechen, woran es arbeitet",
    "Preferences": "Einstellungen",
    "Open the preferences of Style Avatar": "Die Einstellungen von Style Avatar öffnen",
    "Animate": "Animieren",
    "Compute how the face speaks the voice, and build it. Blender can be used meanwhile; Esc cancels": (
        "Berechnen, wie das Gesicht die Stimme spricht, und es bauen. Blender bleibt dabei benutzbar; Esc bricht ab"
    ),
    "Cancel": "Abbrechen",
    "Stop what is being computed and take back what was built of it (Esc)": (
        "Die Berechnung anhalten und zurücknehmen, was davon gebaut wurde (Esc)"
    ),
    "Measure Style": "Stil messen",
    "Measure how the person in the video speaks; the result is kept in this scene": (
        "Messen, wie die Person im Video spricht; das Ergebnis bleibt in dieser Szene"
    ),
    "Save Style": "Stil speichern",
    "Save the measured style as a file, for other scenes": "Den gemessenen Stil als Datei für andere Szenen speichern",
    "Copy Report": "Bericht kopieren",
    "Copy versions, the last error and the log to the clipboard, without names, words or keys": (
        "Versionen, letzten Fehler und Protokoll in die Zwischenablage kopieren, ohne Namen, Worte oder Schlüssel"
    ),
    "Dismiss": "Schließen",
    "Put this message away": "Diese Meldung schließen",
    "Talking Head": "Sprechender Kopf",
    "Amount": "Stärke",
    "Scene": "Szene",
    "Backend": "Backend",
    "Start the backend to see its styles": "Das Backend starten, um seine Stile zu sehen",
    "about {seconds} s left": "noch etwa {seconds} s",
    "{count} waiting": "{count} warten",
    "Sending files": "Dateien senden",
    "Waiting for other jobs": "Auf andere Aufträge warten",
    "Starting": "Starten",
    "Looking at the photo": "Foto betrachten",
    "Making the skin's texture": "Hauttextur herstellen",
    "Listening to the voice": "Stimme anhören",
    "Fitting the transcript to the voice": "Wortlaut an die Stimme anlegen",
    "Moving the face": "Gesicht bewegen",
    "Following the face in the video": "Gesicht im Video verfolgen",
    "Measuring the style": "Stil messen",
    "Fetching the results": "Ergebnisse holen",
    "Reading the results": "Ergebnisse lesen",
    "Building the head": "Kopf bauen",
    "Painting the skin": "Haut bemalen",
    "Writing keys": "Keyframes schreiben",
    "Arranging the scene": "Szene einrichten",
    "Preparing the request": "Auftrag vorbereiten",
    "Loading": "Lädt",
    "Ready": "Bereit",
    "Working": "Arbeitet",
    "Restarting": "Startet neu",
}
