"""Baked textures on a head: a picture for every frame, in front of the texture that shows outside of these frames."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import IO, Any, Final

import bpy

from ..translations import tr
from . import unfinished
from .living import MIXED, OVER, PICTURES, SHARE, UNDER, colour_node, materials_of, take_off
from .steps import Outcome, Steps, waited

FIRST: Final = "000001.png"
LARGEST: Final = 2**33  # bytes that an archive may unpack to
LARGEST_PACKED: Final = 2**31 - 2**24  # of one packed file
ARCHIVE: Final = "{head} baked pictures"  # name of what holds them in the Blender file


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
    image.filepath = _path_of(folder)
    yield "materials", 0, 1
    take_off(head_object)
    for material in materials_of(head_object):
        _insert(material.node_tree, image, first, count)
    unfinished.settle()
    text = tr("{name} wears {count} baked textures from frame {first} on; they lie in {folder}.")
    return Outcome(head, text.format(name=head, count=count, first=first, folder=folder))


def unpack(archive: Path | IO[bytes], folder: Path) -> int:
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
    """The first picture's path, first frame and number of what `head_object` wears; empty when it wears none."""
    for material in materials_of(head_object):
        if (node := material.node_tree.nodes.get(PICTURES)) is not None and node.image is not None:
            user = node.image_user
            return {"path": node.image.filepath, "first": user.frame_start, "count": user.frame_duration}
    return {}


def missing(head_object: Any) -> bool:
    """Whether pictures that `head_object` wears are not where it looks for them."""
    facts = facts_of(head_object)
    return bool(facts) and not Path(bpy.path.abspath(facts["path"])).is_file()


def packed(head_object: Any) -> Any | None:
    """What holds the pictures that `head_object` wears inside the Blender file; None when nothing does."""
    name = ARCHIVE.format(head=head_object.name)
    image = bpy.data.images.get(name)
    return image if image is not None and image.packed_file is not None else None


def pack_steps(head: str) -> Steps[Outcome]:
    """Put the pictures of `head` into the Blender file as one archive; `restore_steps` writes them again.

    Blender itself packs no image sequences. An image that nothing shows carries the bytes.

    Raises:
        KeyError: the head is gone.
        ArchiveError: too large for Blender.
        OSError: a picture cannot be read.
    """
    facts = facts_of(bpy.data.objects[head])
    folder = Path(bpy.path.abspath(facts["path"])).parent
    data = yield from waited(archived, folder, facts["count"])
    if (old := packed(bpy.data.objects[head])) is not None:
        bpy.data.images.remove(old)
    holder = bpy.data.images.new(ARCHIVE.format(head=head), 1, 1)
    holder.pack(data=data, data_len=len(data))
    holder.use_fake_user = True
    unfinished.settle()
    text = tr("{count} pictures are packed ({size} MB); Restore Pictures writes them where the file is then.")
    return Outcome(head, text.format(count=facts["count"], size=round(len(data) / 1e6, 1)))


def restore_steps(head: str, folder: Path) -> Steps[Outcome]:
    """Write the packed pictures of `head` into a new `folder`, and show them from there.

    Raises:
        KeyError: the head is gone.
        ArchiveError: damaged.
        OSError: the folder cannot be written.
    """
    head_object = bpy.data.objects[head]
    holder = packed(head_object)
    if holder is None:
        raise ArchiveError("the Blender file holds no pictures of this head")
    count = yield from waited(unpack, io.BytesIO(bytes(holder.packed_file.data)), folder)
    for material in materials_of(bpy.data.objects[head]):
        if (node := material.node_tree.nodes.get(PICTURES)) is not None:
            node.image.filepath = _path_of(folder)
            node.image.reload()
    unfinished.settle()
    return Outcome(head, tr("{count} pictures are in {folder} again.").format(count=count, folder=folder))


def archived(folder: Path, count: int) -> bytes:
    """The pictures 000001.png … of `folder` as one archive.

    Raises:
        ArchiveError: too large for Blender.
        OSError: one cannot be read.
    """
    paths = [folder / f"{n + 1:06d}.png" for n in range(count)]
    size = sum(path.stat().st_size for path in paths)
    if size > LARGEST_PACKED:
        raise ArchiveError(f"the pictures take {size / 1e9:.1f} GB; Blender packs at most 2 GB, bake smaller ones")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as pictures:
        for path in paths:
            pictures.writestr(zipfile.ZipInfo(path.name), path.read_bytes())
    return buffer.getvalue()


def _path_of(folder: Path) -> str:
    first = str(folder / FIRST)
    return str(bpy.path.relpath(first)) if bpy.data.filepath else first
