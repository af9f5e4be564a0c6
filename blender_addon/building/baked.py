"""Baked textures on a head: a picture for every frame, in front of the texture that shows outside of these frames."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any, Final

import bpy

from ..translations import tr
from . import unfinished
from .living import MIXED, OVER, PICTURES, SHARE, UNDER, colour_node, materials_of, take_off
from .steps import Outcome, Steps, waited

FIRST: Final = "000001.png"
LARGEST: Final = 2**33  # bytes that an archive may unpack to


class ArchiveError(ValueError):
    """The archive holds no pictures in order, or is damaged."""


def baked_steps(head: str, archive: Path, folder: Path, first: int) -> Steps[Outcome]:
    """Let the head called `head` wear the pictures in `archive`, unpacked into `folder`, from frame `first` on.

    Raises:
        KeyError: the head is gone.
        ArchiveError: damaged, or no pictures.
        OSError: the folder cannot be written.
        RuntimeError: Blender cannot read the pictures.
    """
    count = yield from waited(unpack, archive, folder)
    head_object = bpy.data.objects[head]
    image = bpy.data.images.load(str(folder / FIRST), check_existing=False)
    if 0 in image.size[:]:
        bpy.data.images.remove(image)
        raise RuntimeError("the first picture is damaged")
    image.source = "SEQUENCE"
    image.name = f"{head} baked"
    if bpy.data.filepath:
        image.filepath = bpy.path.relpath(str(folder / FIRST))
    yield "materials", 0, 1
    take_off(head_object)
    for material in materials_of(head_object):
        _insert(material.node_tree, image, first, count)
    unfinished.settle()
    text = tr("{name} wears {count} baked textures from frame {first} on; they lie in {folder}.")
    return Outcome(head, text.format(name=head, count=count, first=first, folder=folder))


def unpack(archive: Path, folder: Path) -> int:
    """Unpack pictures 000001.png … into a new `folder`; returns their number. The folder appears whole or not at all.

    Raises:
        ArchiveError: damaged, or with anything else in it.
        OSError: the folder cannot be written.
    """
    partial = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as pictures:
            members = pictures.infolist()
            if not members or [one.filename for one in members] != [f"{n + 1:06d}.png" for n in range(len(members))]:
                raise ArchiveError("the backend sent no pictures in order")
            if sum(one.file_size for one in members) > LARGEST:
                raise ArchiveError(f"the pictures take more than {LARGEST // 2**30} GiB")
            partial.mkdir(parents=True)
            for one in members:
                with pictures.open(one) as source, (partial / one.filename).open("wb") as target:
                    shutil.copyfileobj(source, target)
        partial.replace(folder)
    except (zipfile.BadZipFile, EOFError) as error:
        raise ArchiveError(f"the pictures are damaged: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(members)


def _insert(tree: Any, image: Any, first: int, count: int) -> None:
    colour = colour_node(tree)
    pictures = tree.nodes.new("ShaderNodeTexImage")
    pictures.name, pictures.label, pictures.image = PICTURES, PICTURES, image
    pictures.location = (colour.location[0] - 60, colour.location[1] - 320)
    user = pictures.image_user
    user.frame_start, user.frame_duration, user.frame_offset = first, count, 0
    user.use_auto_refresh, user.use_cyclic = True, False
    share = tree.nodes.new("ShaderNodeMix")
    share.data_type = "RGBA"
    share.name, share.label = SHARE, SHARE
    share.location = (colour.location[0] + 40, colour.location[1] - 140)
    driver = share.inputs[0].driver_add("default_value").driver
    driver.type, driver.expression = "SCRIPTED", f"frame >= {first} and frame <= {first + count - 1}"
    source = colour.outputs["Color"]
    for link in list(source.links):
        tree.links.new(share.outputs[MIXED], link.to_socket)
    tree.links.new(source, share.inputs[UNDER])
    tree.links.new(pictures.outputs["Color"], share.inputs[OVER])


def facts_of(head_object: Any) -> dict[str, Any]:
    """The folder, first frame and number of what `head_object` wears; empty when it wears none."""
    for material in materials_of(head_object):
        if (node := material.node_tree.nodes.get(PICTURES)) is not None and node.image is not None:
            user = node.image_user
            return {"path": node.image.filepath, "first": user.frame_start, "count": user.frame_duration}
    return {}
