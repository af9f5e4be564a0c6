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
    "From Another Action": "Aus anderer Action",
    "Another Style": "Anderer Stil",
    "Let the head say the same in the style above: same voice, words, motion, amounts and variation, as a new Action; "
    "the one there is stays": (
        "Den Kopf dasselbe im Stil darüber sagen lassen: dieselbe Stimme, Worte, Bewegung, Stärken und Variation, "
        "als neue Action; die vorhandene bleibt"
    ),
    "Compute the voice once more with what is new and replace only the frames of the range, as a new Action; "
    "other keys stay as they are": (
        "Die Stimme noch einmal mit dem Neuen berechnen und nur die Bilder des Bereichs ersetzen, als neue Action; "
        "andere Keys bleiben, wie sie sind"
    ),
    "The range ends before it begins.": "Der Bereich endet, bevor er beginnt.",
    "Choose what is new in the range.": "Wählen Sie, was im Bereich neu sein soll.",
    "From Timeline": "Aus der Zeitleiste",
    "Take the range from the first and last selected marker, else from the preview range": (
        "Den Bereich vom ersten und letzten gewählten Marker nehmen, sonst den Vorschaubereich"
    ),
    "Select two markers, or set a preview range (P in the timeline).": (
        "Wählen Sie zwei Marker oder setzen Sie einen Vorschaubereich (P in der Zeitleiste)."
    ),
    "First frame of the range that is done again": "Erstes Bild des Bereichs, der neu gemacht wird",
    "Last frame of the range that is done again": "Letztes Bild des Bereichs, der neu gemacht wird",
    "Parts": "Teile",
    "Part": "Teil",
    "Time": "Zeit",
    "What is said when": "Was wann gesagt wird",
    "When it is said, in seconds": "Wann es gesagt wird, in Sekunden",
    "First frame of this part": "Erstes Bild dieses Teils",
    "Last frame of this part": "Letztes Bild dieses Teils",
    "Click to take it as the range and go there": "Klicken, um es als Bereich zu nehmen und dorthin zu gehen",
    "What the list shows of the voice": "Was die Liste von der Stimme zeigt",
    "Sentences": "Sätze",
    "Sentences of the transcript; without one, what is said between two pauses": (
        "Sätze des Wortlauts; ohne ihn, was zwischen zwei Pausen gesagt wird"
    ),
    "Words of the transcript; without one, the sounds that were heard": (
        "Worte des Wortlauts; ohne ihn die Laute, die gehört wurden"
    ),
    "Pauses": "Pausen",
    "Where nothing is said for a fifth of a second": "Wo eine Fünftelsekunde lang nichts gesagt wird",
    "(pause)": "(Pause)",
    "New": "Neu",
    "What is new in the range; everything else is asked as it was for this Action": (
        "Was im Bereich neu ist; alles andere wird wie für diese Action verlangt"
    ),
    "The style that is chosen above": "Der Stil, der oben gewählt ist",
    "Other blinks, glances and head movements, others again with each press": (
        "Andere Lidschläge, Blicke und Kopfbewegungen, bei jedem Drücken wieder andere"
    ),
    "The motion that is chosen beneath": "Die Bewegung, die darunter gewählt ist",
    "The amounts of the panel Talking Head": "Die Stärken aus dem Bereich „Sprechender Kopf“",
    "Sentence or Range": "Satz oder Bereich",
    "Amounts, Keys and Layers": "Stärken, Keys und Ebenen",
    "Redone {begin} s – {end} s: {count} frames of Action “{name}”.": (
        "{begin} s – {end} s neu: {count} Bilder der Action „{name}“."
    ),
    "Redone {begin} s – {end} s: {count} frames, new Action “{name}”.": (
        "{begin} s – {end} s neu: {count} Bilder, neue Action „{name}“."
    ),
    "Another style: new Action “{name}”; “{old}” is kept.": "Anderer Stil: neue Action „{name}“; „{old}“ bleibt.",
    "Amounts set in one curve of Action “{name}”.": "Stärken in einer Kurve der Action „{name}“ festgelegt.",
    "Amounts set in {count} curves of Action “{name}”.": "Stärken in {count} Kurven der Action „{name}“ festgelegt.",
    "All amounts are 1 again in Action “{name}”.": "In der Action „{name}“ sind alle Stärken wieder 1.",
    "The keys were edited since the amounts were set; they are the original now.": (
        "Die Keys wurden seit dem Festlegen der Stärken bearbeitet; sie sind jetzt das Original."
    ),
    "A strip of {name} is being tweaked; leave it with Tab in the NLA editor.": (
        "Ein Streifen von {name} wird gerade bearbeitet; verlassen Sie ihn mit Tab im NLA-Editor."
    ),
    "The NLA strip {name} is stretched, repeated or reversed; give it Scale 1 and Repeat 1.": (
        "Der NLA-Streifen {name} ist gestreckt, wiederholt oder umgekehrt; "
        "geben Sie ihm Skalierung 1 und Wiederholung 1."
    ),
    "The NLA strips of the face and of the head's movement begin on different frames; align them.": (
        "Die NLA-Streifen von Gesicht und Kopfbewegung beginnen auf verschiedenen Bildern; richten Sie sie aus."
    ),
    "The curve {name} has a modifier or is baked; make it keys in the Graph Editor.": (
        "Die Kurve {name} hat einen Modifikator oder ist gebacken; machen Sie im Grapheneditor Keys daraus."
    ),
    "Key on Top": "Obenauf setzen",
    "Put what the head plays onto NLA tracks, to correct it by hand; what you key next is added to it": (
        "Was der Kopf spielt, auf NLA-Spuren legen, um es von Hand zu verbessern; was Sie danach setzen, kommt dazu"
    ),
    "Push to NLA": "Ins NLA schieben",
    "Put what the head plays onto NLA tracks, to move, cut and blend it; "
    "what you animate or key next plays instead of it": (
        "Was der Kopf spielt, auf NLA-Spuren legen, um es zu verschieben, zu schneiden und zu mischen; "
        "was Sie danach animieren oder setzen, spielt stattdessen"
    ),
    "What {name} plays is on NLA tracks already.": "Was {name} spielt, liegt schon auf NLA-Spuren.",
    "What you key on {name} is added already; set keys.": (
        "Was Sie auf {name} setzen, kommt schon dazu; setzen Sie Keys."
    ),
    "Keys on {name} are added to its performance now.": "Keys auf {name} kommen jetzt zur Darbietung dazu.",
    "{name} plays from NLA tracks now.": "{name} spielt jetzt von NLA-Spuren.",
    "Computing the keys": "Keys werden berechnet",
    "Copying the Action": "Action wird kopiert",
    "Reading the keys": "Keys werden gelesen",
    "The head or its Action was deleted meanwhile.": "Der Kopf oder seine Action wurde inzwischen gelöscht.",
    "Select a head and try again.": "Wählen Sie einen Kopf und versuchen Sie es noch einmal.",
    "The head plays no Action any more.": "Der Kopf spielt keine Action mehr.",
    "Assign one and try again.": "Weisen Sie eine zu und versuchen Sie es noch einmal.",
    "This Action does not move the face of this head.": "Diese Action bewegt das Gesicht dieses Kopfes nicht.",
    "Choose another Action.": "Wählen Sie eine andere Action.",
    "None of these frames is in both performances.": "Keines dieser Bilder ist in beiden Darbietungen.",
    "Choose other frames.": "Wählen Sie andere Bilder.",
    "This Action does not say what it was made from.": "Diese Action sagt nicht, woraus sie gemacht wurde.",
    "Press Animate to make one that does.": "Drücken Sie Animieren, um eine zu machen, die es sagt.",
    "What this Action was made from is damaged.": "Woraus diese Action gemacht wurde, ist beschädigt.",
    "This Action was made by another version of Style Avatar.": (
        "Diese Action hat eine andere Version von Style Avatar gemacht."
    ),
    "Press Animate.": "Drücken Sie Animieren.",
    "The voice of this Action is neither packed in the file nor where it was.": (
        "Die Stimme dieser Action ist weder in der Datei gepackt noch an ihrem alten Ort."
    ),
    "Put the sound file back, or press Animate with it.": (
        "Legen Sie die Klangdatei zurück oder drücken Sie Animieren mit ihr."
    ),
    "The sound file of this Action is another one by now.": "Die Klangdatei dieser Action ist inzwischen eine andere.",
    "Press Animate with it.": "Drücken Sie Animieren mit ihr.",
}
