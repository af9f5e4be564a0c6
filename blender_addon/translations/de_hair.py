"""German: hair, brows and beard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "Hair": "Haare",
    "Add Hair": "Haare anlegen",
    "Replace Hair": "Haare ersetzen",
    "Remove Hair": "Haare abnehmen",
    "Let the selected head wear this cut, brows and beard as hair curves; what it wore before goes": (
        "Dem ausgewählten Kopf diesen Schnitt, Brauen und Bart als Haarkurven geben; was er vorher trug, geht"
    ),
    "Take hair, brows and beard off the head; its own brows come back": (
        "Haare, Brauen und Bart vom Kopf nehmen; seine eigenen Brauen sind wieder zu sehen"
    ),
    "Cut": "Schnitt",
    "How the hair of the head is worn": "Wie das Kopfhaar getragen wird",
    "Bald": "Kahl",
    "No hair on the head": "Keine Haare auf dem Kopf",
    "Buzz Cut": "Geschoren",
    "A few millimetres all over, shorter at the edge": "Überall einige Millimeter, kürzer am Rand",
    "Side Part": "Seitenscheitel",
    "Short, longer on top, with a parting on the left": "Kurz, oben länger, mit Scheitel links",
    "Swept Back": "Zurückgekämmt",
    "Combed back from the forehead, short at the sides": "Von der Stirn nach hinten gekämmt, an den Seiten kurz",
    "Bob": "Bob",
    "Straight to the jaw, with a parting on the left": "Glatt bis zum Kiefer, mit Scheitel links",
    "Long and Wavy": "Lang und wellig",
    "To the shoulders in waves, with a parting in the middle": "In Wellen bis zu den Schultern, mit Mittelscheitel",
    "Fine Brows": "Feine Brauen",
    "Brows of fine hairs in place of those of the mesh": "Brauen aus feinen Haaren anstelle derer des Netzes",
    "Beard": "Bart",
    "How a beard is worn": "Wie ein Bart getragen wird",
    "No beard": "Kein Bart",
    "Stubble": "Stoppeln",
    "Two millimetres": "Zwei Millimeter",
    "Short": "Kurz",
    "One centimetre": "Ein Zentimeter",
    "Full": "Voll",
    "Four centimetres at the chin": "Vier Zentimeter am Kinn",
    "Hair Colour": "Haarfarbe",
    "Where the colour of the hair comes from": "Woher die Farbe der Haare kommt",
    "The colour that the head's photo showed, or that of its brows": (
        "Die Farbe, die das Foto des Kopfes zeigte, oder die seiner Brauen"
    ),
    "Natural": "Natürlich",
    "From white through blond, red and brown to black, by the hair's own pigments": (
        "Von Weiß über Blond, Rot und Braun bis Schwarz, nach den Pigmenten des Haars"
    ),
    "Own": "Eigene",
    "Any colour": "Jede Farbe",
    "Melanin": "Melanin",
    "How dark: 0 is white, 1 is black": "Wie dunkel: 0 ist weiß, 1 ist schwarz",
    "Redness": "Rotanteil",
    "How red: the share of red pigment": "Wie rot: der Anteil des roten Pigments",
    "Colour": "Farbe",
    "Colour of the hair": "Farbe der Haare",
    "Density": "Dichte",
    "How many hairs: 1 is some 20,000 that are rendered; while you work fewer are drawn": (
        "Wie viele Haare: 1 sind rund 20.000, die gerendert werden; beim Arbeiten werden weniger gezeichnet"
    ),
    "Another number gives other strands of the same cut": "Eine andere Zahl gibt andere Strähnen desselben Schnitts",
    "Hair as Cards": "Haare als Karten",
    "Write the hair into FBX, glTF, USD and Alembic as flat strips with a picture of hairs": (
        "Die Haare als flache Streifen mit einem Bild von Haaren in FBX, glTF, USD und Alembic schreiben"
    ),
    "Growing the hair": "Haare wachsen",
    "Putting the hair on the head": "Haare werden angelegt",
    "The head was deleted meanwhile.": "Der Kopf wurde inzwischen gelöscht.",
    "Hair cannot grow on this head: {reason}": "Auf diesem Kopf können keine Haare wachsen: {reason}",
    "Choose another cut, or make the head again.": "Einen anderen Schnitt wählen oder den Kopf neu erzeugen.",
    "{name} has its hair.": "{name} hat seine Haare.",
    "{name} has its hair off.": "{name} hat seine Haare abgelegt.",
    "{name} has no hair.": "{name} hat keine Haare.",
    "{name} was made by an earlier version and does not say where its skin is; make the head again.": (
        "{name} wurde von einer früheren Version erzeugt und sagt nicht, wo seine Haut ist; den Kopf neu erzeugen."
    ),
}
