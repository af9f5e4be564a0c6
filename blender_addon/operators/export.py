"""One click per file format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from .. import compat
from ..output import export
from ..translations import tr
from .base import SavesFile, head_in_object_mode_reason


@dataclass(frozen=True)
class Format:
    """A file format: its name, what it is for, the operator of Blender that writes it, and the function that calls it.

    pattern: of the files that are shown ("": those with `ending`).
    """

    name: str
    ending: str
    needs: str
    write: Callable[..., None]
    description: str
    pattern: str = ""


ALL: Final = (
    Format(
        *("FBX", ".fbx", "export_scene.fbx", export.export_fbx),
        "Write the head with its shape keys and their animation as FBX, for game engines and Maya",
    ),
    Format(
        *("glTF", ".glb", "export_scene.gltf", export.export_gltf),
        "Write the head with its shape keys and their animation as one .glb, for the web and game engines",
    ),
    Format(
        *("USD", ".usdc", "wm.usd_export", export.export_usd),
        "Write the head with its shape keys as blend shapes and their animation as USD, for film packages",
        pattern="*.usdc;*.usd;*.usda",
    ),
    Format(
        *("Alembic", ".abc", "wm.alembic_export", export.export_alembic),
        "Write the moving mesh, baked on every frame of the scene's range, as Alembic",
    ),
)


class _Export(SavesFile):
    """What the formats have in common."""

    format: Format
    bl_options = {"REGISTER"}  # noqa: RUF012 - Blender's own way
    skin_maps: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Skin as Maps",
        description="Write pores, lip lines and gloss as a normal map and a roughness map, of 2048 pixels a side",
        default=True,
    )

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        if reason := head_in_object_mode_reason(context):
            return reason
        if not compat.has_operator(cls.format.needs):
            return tr("This Blender was built without {name}; use the official build.").format(name=cls.format.name)
        return ""

    def proposed(self, context: Any) -> str:
        """The head's name."""
        return self.beside_the_file(context.object.name)

    def save(self, context: Any, path: Path) -> str:
        """Write the format."""
        maps = {} if self.format.write is export.export_alembic else {"skin_maps": self.skin_maps}
        self.format.write(context.object, path, cards=context.scene.style_avatar_hair.cards, **maps)
        return tr("{name} is written.").format(name=path.name)


def _operator(one: Format) -> Any:
    """The operator `style_avatar.export_fbx` for FBX, and so on."""
    name = f"export_{one.name.lower()}"
    facts = {
        "__doc__": f"{one.name}.",
        "__module__": __name__,
        "format": one,
        "bl_idname": f"style_avatar.{name}",
        "bl_label": f"Export {one.name}",
        "bl_description": one.description,
        "filename_ext": one.ending,
        "pattern": one.pattern,
    }
    return type(f"STYLE_AVATAR_OT_{name}", (_Export, bpy.types.Operator), facts)


FORMATS: Final = tuple(_operator(one) for one in ALL)
CLASSES = FORMATS
