"""German of *Drive my character*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "A bone of the character's armature": "Ein Knochen der Armatur der Figur",
    "A mesh with shape keys, or the armature of the character; what belongs to it is found": (
        "Ein Netz mit Formschlüsseln oder die Armatur der Figur; was dazugehört, wird gefunden"
    ),
    "A shape key, on every mesh of the character that has one of this name": (
        "Ein Formschlüssel, auf jedem Netz der Figur, das einen dieses Namens hat"
    ),
    "A take (.npz), or ARKit weights (.csv) of Live Link Face": (
        "Eine Aufnahme (.npz) oder ARKit-Gewichte (.csv) von Live Link Face"
    ),
    "ARKit CSV": "ARKit-CSV",
    "Action": "Aktion",
    "Add": "Hinzufügen",
    "Add a line": "Eine Zeile hinzufügen",
    "Add a line to the list, or remove the active one": "Der Liste eine Zeile hinzufügen oder die aktive entfernen",
    "Amplitude": "Amplitude",
    "Begins at": "Beginnt bei",
    "Begin on the frame on which the head begins, so that both move together": (
        "Auf dem Bild beginnen, auf dem der Kopf beginnt, damit sich beide zusammen bewegen"
    ),
    "Begins with the Head": "Beginnt mit dem Kopf",
    "Bone": "Knochen",
    "Character": "Figur",
    "Choose a character: its mesh or its armature.": "Eine Figur wählen: ihr Netz oder ihre Armatur.",
    "Choose a take (.npz) or an ARKit file (.csv).": "Eine Aufnahme (.npz) oder eine ARKit-Datei (.csv) wählen.",
    "Confidence": "Sicherheit",
    "Delete Preset": "Vorgabe löschen",
    "Delete the file of this preset; the list stays": "Die Datei dieser Vorgabe löschen; die Liste bleibt",
    "Drive Character": "Figur bewegen",
    "Drive my Character": "Meine Figur bewegen",
    "Edit List": "Liste bearbeiten",
    "Export ARKit CSV": "ARKit-CSV exportieren",
    "Find the character's shape keys and bones by their names; replaces the list": (
        "Formschlüssel und Knochen der Figur an ihren Namen erkennen; ersetzt die Liste"
    ),
    "Frame of the scene on which the performance begins": "Bild der Szene, auf dem die Darbietung beginnt",
    "Frames per second that the timecodes of the CSV count; 0 finds it out": (
        "Bilder pro Sekunde, die die Zeitcodes der CSV zählen; 0 findet es heraus"
    ),
    "Gain": "Faktor",
    "Give the preset a name.": "Der Vorgabe einen Namen geben.",
    "Give the preset another name": "Der Vorgabe einen anderen Namen geben",
    "Head Movement": "Kopfbewegung",
    "How far the face moves; lips still close and lids still shut at any amount": (
        "Wie weit sich das Gesicht bewegt; Lippen und Lider schließen bei jedem Wert"
    ),
    "How far the head turns; 0 keeps it still": "Wie weit sich der Kopf dreht; 0 hält ihn still",
    "How much of the head's turn the neck does": "Wie viel der Kopfdrehung der Hals übernimmt",
    "How much of the movement arrives; below 0 it is inverted": (
        "Wie viel der Bewegung ankommt; unter 0 ist sie umgekehrt"
    ),
    "How sure the match by name is": "Wie sicher die Zuordnung nach Namen ist",
    "Import ARKit CSV": "ARKit-CSV importieren",
    "Kind": "Art",
    "Let the selected head or character play a recording of Live Link Face, as a new Action": (
        "Den gewählten Kopf oder die Figur eine Aufnahme von Live Link Face spielen lassen, als neue Aktion"
    ),
    "Load Preset": "Vorgabe laden",
    "Match Names": "Namen zuordnen",
    "Name of a mapping that was saved, or is to be saved": (
        "Name einer Zuordnung, die gespeichert wurde oder werden soll"
    ),
    "Name of the preset from now on": "Künftiger Name der Vorgabe",
    "Neck Share": "Anteil des Halses",
    "New Name": "Neuer Name",
    "Not matched: {names}.": "Nicht zugeordnet: {names}.",
    "Not on this character: {names}.": "Nicht an dieser Figur: {names}.",
    "Nothing of this character is driven. Press Match Names, or add lines by hand.": (
        "Nichts an dieser Figur wird bewegt. Namen zuordnen drücken oder Zeilen von Hand hinzufügen."
    ),
    "Nothing was written. Read the report below.": "Nichts wurde geschrieben. Der Bericht unten sagt, warum.",
    "Object": "Objekt",
    "Offset": "Versatz",
    "Performance": "Darbietung",
    "Performance File": "Datei der Darbietung",
    "Presets": "Vorgaben",
    "Preset": "Vorgabe",
    "Press Match Names first.": "Zuerst Namen zuordnen drücken.",
    "Recorded at": "Aufgenommen mit",
    "Remove": "Entfernen",
    "Remove the active line": "Die aktive Zeile entfernen",
    "Rename Preset": "Vorgabe umbenennen",
    "Replace the list by the preset; lines whose shape key or bone is missing here are left out": (
        "Die Liste durch die Vorgabe ersetzen; Zeilen, deren Formschlüssel oder Knochen hier fehlt, bleiben weg"
    ),
    "Save Preset": "Vorgabe speichern",
    "Save the list under this name, for other characters of the same kind; never replaces another one": (
        "Die Liste unter diesem Namen speichern, für weitere Figuren dieser Art; ersetzt nie eine andere"
    ),
    "Select a head, or a character with shape keys or bones.": (
        "Einen Kopf oder eine Figur mit Formschlüsseln oder Knochen auswählen."
    ),
    "Shape Key": "Formschlüssel",
    "Source": "Quelle",
    "Target": "Ziel",
    "The head cannot drive itself; choose another character, or a file.": (
        "Der Kopf kann sich nicht selbst bewegen; eine andere Figur oder eine Datei wählen."
    ),
    "The whole object, for a head without bones": "Das ganze Objekt, für einen Kopf ohne Knochen",
    "Something else turns these bones: {names}. Look at their constraints.": (
        "Etwas anderes dreht diese Knochen: {names}. Ihre Beschränkungen ansehen."
    ),
    "These bones have keys but do not move: {names}. Look at their constraints and drivers.": (
        "Diese Knochen haben Schlüssel, bewegen sich aber nicht: {names}. Ihre Beschränkungen und Treiber ansehen."
    ),
    "Use": "Verwenden",
    "What {name} plays is one frame long; nothing would move.": (
        "Was {name} spielt, ist ein Bild lang; nichts würde sich bewegen."
    ),
    "What a head of Style Avatar plays in this scene, with everything you changed on it": (
        "Was ein Kopf von Style Avatar in dieser Szene spielt, mit allem, was daran geändert wurde"
    ),
    "What is added to the value of a shape key": "Was zum Wert eines Formschlüssels hinzukommt",
    "What is moved": "Was bewegt wird",
    "What is moved: a shape key, a bone or the object": (
        "Was bewegt wird: ein Formschlüssel, ein Knochen oder das Objekt"
    ),
    "What moves it: an expression of the take, a mouth shape, or the motion of a bone": (
        "Was es bewegt: ein Ausdruck der Aufnahme, eine Mundform oder die Bewegung eines Knochens"
    ),
    "What to do with the list": "Was mit der Liste geschehen soll",
    "Where the movement comes from": "Woher die Bewegung kommt",
    "Whether this line is used": "Ob diese Zeile verwendet wird",
    "Write the chosen performance in the format of Live Link Face, for other programs": (
        "Die gewählte Darbietung im Format von Live Link Face schreiben, für andere Programme"
    ),
    "Write the performance onto the character as a new Action, then look whether it really moves": (
        "Die Darbietung als neue Aktion auf die Figur schreiben und dann nachsehen, ob sie sich wirklich bewegt"
    ),
    "{names} and {count} more": "{names} und {count} weitere",
    "{name} has its keys but does not move. Read what is said about it here, and bake again.": (
        "{name} hat seine Schlüssel, bewegt sich aber nicht. Lesen, was hier dazu steht, und erneut bewegen."
    ),
    "{name} is an override, but its mesh is linked still. Override the mesh too, in the Outliner.": (
        "{name} ist überschrieben, sein Netz aber noch verlinkt. Im Outliner auch das Netz überschreiben."
    ),
    "{name} is disabled in viewports.": "{name} ist in Ansichten ausgeschaltet.",
    "{name} is in Rest Position; switch it to Pose Position.": (
        "{name} ist in Ruheposition; auf Posenposition umschalten."
    ),
    (
        "{name} is linked from another file and cannot get keys. "
        "Select it and choose Object > Library Override > Make; its settings stay."
    ): (
        "{name} ist aus einer anderen Datei verlinkt und kann keine Schlüssel bekommen. "
        "Auswählen und Objekt > Bibliotheksüberschreibung > Erstellen; die Einstellungen bleiben."
    ),
    "{name} is moved by two lines; switch one of them off.": (
        "{name} wird von zwei Zeilen bewegt; eine davon ausschalten."
    ),
    "{name}: an NLA track plays solo and hides the Action.": (
        "{name}: Eine NLA-Spur spielt solo und verdeckt die Aktion."
    ),
    "{name}: bones with constraints, which may win: {names}.": (
        "{name}: Knochen mit Beschränkungen, die gewinnen können: {names}."
    ),
    "{name}: bones with drivers, which win over keys: {names}. Remove the drivers.": (
        "{name}: Knochen mit Treibern, die über Schlüssel gewinnen: {names}. Die Treiber entfernen."
    ),
    "{name}: driven by drivers, which win over keys: {names}. Remove the drivers, or drive what they read.": (
        "{name}: Treiber gewinnen über Schlüssel: {names}. Die Treiber entfernen oder das bewegen, was sie lesen."
    ),
    "{name}: held at the maximum of the slider: {names}. Raise it, or lower the amplitude.": (
        "{name}: am Höchstwert des Reglers gehalten: {names}. Ihn anheben oder die Amplitude senken."
    ),
    "{name}: its Action {action} plays on below, on an NLA track of its own.": (
        "{name}: Seine Aktion {action} läuft darunter weiter, auf einer eigenen NLA-Spur."
    ),
    "{name}: leave the NLA's tweak mode (Tab) first.": "{name}: Zuerst den Bearbeitungsmodus der NLA verlassen (Tab).",
    "{name}: locked: {names}. They get keys all the same.": (
        "{name}: gesperrt: {names}. Sie bekommen trotzdem Schlüssel."
    ),
    "{name}: muted: {names}. Switch them on.": "{name}: stummgeschaltet: {names}. Sie einschalten.",
    "{name}: only one shape key is shown; unpin it.": (
        "{name}: Nur ein Formschlüssel wird gezeigt; die Anheftung lösen."
    ),
    "{name}: something else moves {names}: a driver, or the NLA.": (
        "{name}: Etwas anderes bewegt {names}: ein Treiber oder die NLA."
    ),
    "{name}: switch Relative on under Shape Keys.": "{name}: Unter Formschlüssel Relativ einschalten.",
    "{name}: the influence of its Action is below 1.": "{name}: Der Einfluss seiner Aktion liegt unter 1.",
    "{name}: the slider has no room: {names}. Set its maximum to 1.": (
        "{name}: Der Regler hat keinen Spielraum: {names}. Seinen Höchstwert auf 1 setzen."
    ),
    "Reading the performance": "Darbietung lesen",
    "Computing the movement": "Bewegung berechnen",
    "Looking whether it moves": "Nachsehen, ob es sich bewegt",
    "Stop driving the character and take back what was written (Esc)": (
        "Das Bewegen der Figur abbrechen und zurücknehmen, was geschrieben wurde (Esc)"
    ),
    "The character or its scene is not there any more.": "Die Figur oder ihre Szene ist nicht mehr da.",
    "{done} of {all} shape keys": "{done} von {all} Formschlüsseln",
    "{count} bones": "{count} Knochen",
    "Driven: {what}; frames {first} to {last}, Action {name}.": (
        "Bewegt: {what}; Bilder {first} bis {last}, Aktion {name}."
    ),
    "The face units speak already.": "Die Gesichtseinheiten sprechen bereits.",
    "The visemes speak already.": "Die Mundformen sprechen bereits.",
    "Left and right are driven one by one.": "Links und rechts werden einzeln bewegt.",
    "Each eye is driven for itself.": "Jedes Auge wird für sich bewegt.",
    "Another shape of this mesh does the same.": "Eine andere Form dieses Netzes tut dasselbe.",
    "The shapes move the face already.": "Die Formen bewegen das Gesicht bereits.",
    "The shapes turn the eyes already.": "Die Formen drehen die Augen bereits.",
    "It would pull the head off the body.": "Es zöge den Kopf vom Körper weg.",
    "Only if the whole head is this object.": "Nur wenn der ganze Kopf dieses Objekt ist.",
}
