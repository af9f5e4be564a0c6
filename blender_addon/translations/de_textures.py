"""German of dynamic textures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "Dynamic Textures": "Dynamische Texturen",
    "Learned Texture": "Gelernte Textur",
    "Dynamic texture of this person, learned from a video (.safetensors); empty: folds of any skin": (
        "Dynamische Textur dieser Person, aus einem Video gelernt (.safetensors); leer: Falten jeder Haut"
    ),
    "From Subject…": "Aus gelernter Person …",
    "Let the head wear the skin of a person that style-avatar subject learn has learned from a video: choose its "
    "folder": (
        "Den Kopf die Haut einer Person tragen lassen, die style-avatar subject learn aus einem Video gelernt hat: "
        "ihren Ordner wählen"
    ),
    "Folder": "Ordner",
    "Folder that style-avatar subject learn wrote": "Ordner, den style-avatar subject learn geschrieben hat",
    "{name} is not the folder of a learned person. Choose one that style-avatar subject learn wrote.": (
        "{name} ist nicht der Ordner einer gelernten Person. Einen von style-avatar subject learn wählen."
    ),
    "Shading": "Schatten",
    "Whose shading is baked in": "Wessen Schattierung eingebacken wird",
    "None": "Ohne",
    "Only what the texture itself does: quick": "Nur was die Textur selbst tut: schnell",
    "Neural Renderer": "Neuronaler Renderer",
    "Shade in folds and light in the skin, as the neural renderer draws them": (
        "Schatten in Falten und Licht in der Haut, wie der neuronale Renderer sie zeichnet"
    ),
    "Texture Size": "Texturgröße",
    "Size of each picture; a second of 1024 takes some 20 to 40 MB": (
        "Größe jedes Bildes; eine Sekunde mit 1024 braucht etwa 20 bis 40 MB"
    ),
    "512": "512",
    "1024": "1024",
    "2048": "2048",
    "512 pixels": "512 Pixel",
    "1024 pixels": "1024 Pixel",
    "2048 pixels": "2048 Pixel",
    "Live Textures": "Lebende Texturen",
    "Let skin and lips fold, shade and pale with the expression: images in the materials, driven by the shape keys "
    "and packed in the file": (
        "Haut und Lippen mit dem Ausdruck falten, verschatten und erblassen lassen: Bilder in den Materialien, von den "
        "Shape Keys getrieben und in die Datei gepackt"
    ),
    "Bake Textures": "Texturen backen",
    "Write a texture for every frame of what the head plays, and let skin and lips show them": (
        "Eine Textur für jedes Bild schreiben, das der Kopf spielt, und Haut und Lippen sie zeigen lassen"
    ),
    "Remove": "Entfernen",
    "Let the head show its texture as it is again; pictures that were baked stay on the disk": (
        "Den Kopf seine Textur wieder zeigen lassen, wie sie ist; gebackene Bilder bleiben auf der Festplatte"
    ),
    "Lines": "Falten",
    "Shade": "Schatten",
    "Blood": "Durchblutung",
    "{name} has lost its materials of skin and lips.": "{name} hat seine Materialien für Haut und Lippen verloren.",
    "The head shows no texture. Make a head from a photo.": (
        "Der Kopf zeigt keine Textur. Einen Kopf aus einem Foto machen."
    ),
    "The head shows no texture.": "Der Kopf zeigt keine Textur.",
    "Make a head from a photo.": "Einen Kopf aus einem Foto machen.",
    "The head wears no dynamic textures.": "Der Kopf trägt keine dynamischen Texturen.",
    "{name} shows its texture as it is.": "{name} zeigt seine Textur, wie sie ist.",
    "{name} wears {count} living textures; the shape keys drive them.": (
        "{name} trägt {count} lebende Texturen, von den Shape Keys getrieben."
    ),
    "{name} wears {count} baked textures from frame {first} on; they lie in {folder}.": (
        "{name} trägt ab Bild {first} {count} gebackene Texturen; sie liegen in {folder}."
    ),
    "Pack Pictures": "Bilder packen",
    "Keep a copy of the baked pictures inside the Blender file, for other computers": (
        "Eine Kopie der gebackenen Bilder in der Blender-Datei behalten, für andere Rechner"
    ),
    "Restore Pictures": "Bilder wiederherstellen",
    "Write the packed pictures into a new folder beside the Blender file, and show them from there": (
        "Die gepackten Bilder in einen neuen Ordner neben der Blender-Datei schreiben und von dort zeigen"
    ),
    "The head wears no baked textures.": "Der Kopf trägt keine gebackenen Texturen.",
    "The pictures are not where they were; press Restore Pictures.": (
        "Die Bilder sind nicht mehr dort, wo sie waren; Bilder wiederherstellen drücken."
    ),
    "No pictures of this head are packed.": "Von diesem Kopf sind keine Bilder gepackt.",
    "{count} pictures are packed ({size} MB); Restore Pictures writes them where the file is then.": (
        "{count} Bilder sind gepackt ({size} MB); Bilder wiederherstellen schreibt sie dorthin, wo die Datei dann ist."
    ),
    "{count} pictures are in {folder} again.": "{count} Bilder liegen wieder in {folder}.",
    "Moving the pictures": "Die Bilder umräumen",
    "Baking the textures": "Die Texturen backen",
    "The texture cannot be used.": "Die Textur ist nicht zu gebrauchen.",
    "Choose another texture, or bake a shorter range.": "Eine andere Textur wählen oder einen kürzeren Bereich backen.",
}
