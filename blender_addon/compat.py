"""The one place that knows how Blender versions differ; everything else is written for 4.2 … 5.x at once.

4.4 gave Actions slots, 5.0 took `Action.fcurves` away; 4.4 renamed the sequencer's `sequences` to `strips`, 5.0 took
the old name away; 5.0 renamed EEVEE's identifier back and made `use_nodes` a constant; 5.2 gave modifiers properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

SLOTTED_ACTIONS = bpy.app.version >= (4, 4, 0)
EEVEE = "BLENDER_EEVEE" if bpy.app.version >= (5, 0, 0) else "BLENDER_EEVEE_NEXT"


def new_actions(name: str, owners: Sequence[tuple[Any, str]]) -> list[Any]:
    """Make an Action called `name` for data-blocks that move together, assign it, and return it once per owner.

    owners: (data-block, ID type) with types such as "OBJECT" or "KEY". From 4.4 on this is one Action with a slot for
    each; before, the first gets the Action `name` and the others get "`name` object", "`name` key" ….
    """
    if SLOTTED_ACTIONS:
        action = bpy.data.actions.new(name)
        strip = action.layers.new("Layer").strips.new(type="KEYFRAME")
        return [_new_slot(action, strip, owner, id_type) for owner, id_type in owners]
    names = [name] + [f"{name} {id_type.lower()}" for _, id_type in owners[1:]]
    return [
        _new_legacy_action(own_name, owner, id_type) for own_name, (owner, id_type) in zip(names, owners, strict=True)
    ]


def _new_slot(action: Any, strip: Any, owner: Any, id_type: str) -> Any:
    slot = action.slots.new(id_type=id_type, name=owner.name)
    data = owner.animation_data_create()
    data.action = action
    data.action_slot = slot
    strip.channelbag(slot, ensure=True)
    return action


def _new_legacy_action(name: str, owner: Any, id_type: str) -> Any:
    action = bpy.data.actions.new(name)
    action.id_root = id_type
    owner.animation_data_create().action = action
    return action


def channels_of(action: Any, id_type: str) -> Any:
    """What holds the curves for owners of `id_type` in an Action made by `new_actions`."""
    if not SLOTTED_ACTIONS:
        return action
    slot = next(slot for slot in action.slots if slot.target_id_type == id_type)
    return action.layers[0].strips[0].channelbag(slot)


def own_channels(owner: Any) -> Any:
    """What holds the curves of `owner` in the Action of `new_actions` that is assigned to it."""
    data = owner.animation_data
    if not SLOTTED_ACTIONS:
        return data.action
    return data.action.layers[0].strips[0].channelbag(data.action_slot)


def ensure_curve(channels: Any, data_path: str, index: int = 0, group: str = "") -> Any:
    """The F-curve for `data_path`[`index`] in `channels`; a new one is shown in the channel group `group`."""
    if (curve := channels.fcurves.find(data_path, index=index)) is not None:
        return curve
    curve = channels.fcurves.new(data_path, index=index)
    if group:
        curve.group = channels.groups.get(group) or channels.groups.new(group)
    return curve


def curves_of(owner: Any) -> list[Any]:
    """The F-curves that animate `owner` through its assigned Action (and slot); empty when there is none."""
    data = owner.animation_data
    if data is None or data.action is None:
        return []
    if not SLOTTED_ACTIONS:
        return list(data.action.fcurves)
    if data.action_slot is None:
        return []
    bags = (
        strip.channelbag(data.action_slot)
        for layer in data.action.layers
        for strip in layer.strips
        if strip.type == "KEYFRAME"
    )
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]


def curves_in(action: Any, slot: str) -> list[Any]:
    """The F-curves of an Action for its slot called `slot`; before 4.4 all of them."""
    if not SLOTTED_ACTIONS:
        return list(action.fcurves)
    if slot not in action.slots:
        return []
    found = action.slots[slot]
    bags = (one.channelbag(found) for layer in action.layers for one in layer.strips if one.type == "KEYFRAME")
    return [curve for bag in bags if bag is not None for curve in bag.fcurves]


def slot_like(action: Any, slot: str) -> str:
    """The name of the slot of `action` that is for what `slot` of another Action is for; "" for none."""
    if not SLOTTED_ACTIONS or slot in action.slots:
        return slot
    return next((str(one.identifier) for one in action.slots if one.identifier[:2] == slot[:2]), "")


def action_of_strip(strip: Any) -> list[str]:
    """The names of the Action and of the slot that an NLA strip plays, "" for none."""
    if strip.action is None:
        return ["", ""]
    slot = strip.action_slot if SLOTTED_ACTIONS else None
    return [strip.action.name, slot.identifier if slot is not None else ""]


def put_into_strip(strip: Any, action: Any, slot: str) -> None:
    """Let an NLA strip play `action` (its slot called `slot`) in the frames that it plays now."""
    frames = (strip.action_frame_start, strip.action_frame_end)
    strip.action = action
    if SLOTTED_ACTIONS and slot in action.slots:
        strip.action_slot = action.slots[slot]
    strip.action_frame_start, strip.action_frame_end = frames


def assigned_action(owner: Any) -> list[str]:
    """The names of the Action and of the slot that drive `owner`, "" for none; for `assign_action`, also after undo."""
    data = owner.animation_data
    action = data.action if data is not None else None
    if action is None:
        return ["", ""]
    slot = data.action_slot if SLOTTED_ACTIONS else None
    return [action.name, slot.identifier if slot is not None else ""]


def assign_action(owner: Any, names: Sequence[str]) -> None:
    """Let the Action and slot called `names` drive `owner`; nothing drives it when there is no such Action."""
    action = bpy.data.actions.get(names[0])
    data = owner.animation_data_create()
    data.action = action
    if action is not None and SLOTTED_ACTIONS and names[1] in action.slots:
        data.action_slot = action.slots[names[1]]


def sequencer_strips(scene: Any) -> Any:
    """The strips at the top of the scene's sequencer, which is made when there is none."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def show_in_sequencer(scene: Any) -> None:
    """Let the Sequencer of every workspace show `scene`; from 5.0 on it shows nothing until it is told which."""
    for workspace in bpy.data.workspaces:
        if hasattr(workspace, "sequencer_scene"):
            workspace.sequencer_scene = scene


def use_nodes(owner: Any) -> Any:
    """The node tree of a material or world, switched on where that is still a choice (before 5.0)."""
    if bpy.app.version < (5, 0, 0) or owner.node_tree is None:
        owner.use_nodes = True
    return owner.node_tree


def set_modifier_input(modifier: Any, identifier: str, value: float) -> None:
    """Set an input of a geometry nodes modifier by its socket's identifier; until 5.2 it was a custom property."""
    if hasattr(modifier, "properties"):
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value


def has_operator(name: str) -> bool:
    """Whether this Blender was built with the operator `name` ("wm.alembic_export"); some packages leave parts out."""
    group, operator = name.split(".")
    return operator in dir(getattr(bpy.ops, group))


def enable_addon(module: str) -> None:
    """Switch on an add-on that ships with Blender, for this session only.

    Raises:
        RuntimeError: this Blender does not have it.
    """
    import addon_utils  # type: ignore[import-not-found]

    if not addon_utils.check(module)[1] and addon_utils.enable(module, default_set=False, persistent=True) is None:
        raise RuntimeError(f"Blender {bpy.app.version_string} cannot load its add-on {module}")


def push_to_nla(owner: Any, name: str) -> Any | None:
    """Move the Action that drives `owner` onto a new NLA track on top and return its strip; None when there is none."""
    data = owner.animation_data
    if data is None or data.action is None:
        return None
    action, slot = data.action, data.action_slot if SLOTTED_ACTIONS else None
    data.action = None
    track = data.nla_tracks.new()
    track.name = name
    strip = track.strips.new(name, int(action.frame_range[0]), action)
    if slot is not None:
        strip.action_slot = slot
    return strip


def is_playing() -> bool:
    """Whether an animation plays in any window."""
    return any(window.screen.is_animation_playing for window in bpy.context.window_manager.windows)


def push_undo(name: str) -> None:
    """Make one step of what was done since the last one; outside of an operator, from a timer for example."""
    windows = bpy.context.window_manager.windows
    if not windows:
        bpy.ops.ed.undo_push(message=name)
        return
    with bpy.context.temp_override(window=windows[0]):
        bpy.ops.ed.undo_push(message=name)


def sound_strips(scene: Any) -> list[Any]:
    """The sound strips at the top of the sequencer, which is not made for it."""
    if scene.sequence_editor is None:
        return []
    return [strip for strip in sequencer_strips(scene) if strip.type == "SOUND" and strip.sound is not None]


def trimmed_frames(strip: Any) -> tuple[float, float]:
    """How many frames of its sound a strip leaves out before and after."""
    if hasattr(strip, "content_trim_start"):  # from 5.2 on
        return (
            float(strip.left_handle_offset + strip.content_trim_start),
            float(strip.right_handle_offset + strip.content_trim_end),
        )
    return (
        float(strip.frame_offset_start + strip.animation_offset_start),
        float(strip.frame_offset_end + strip.animation_offset_end),
    )


def set_movie_output(scene: Any) -> None:
    """Let `scene` render into a film; from 5.0 on that is a kind of medium before it is a format."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"


def set_picture_output(scene: Any) -> None:
    """Let `scene` render into PNG files with alpha; see `set_movie_output`."""
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "IMAGE"
    image.file_format, image.color_mode, image.color_depth, image.compression = "PNG", "RGBA", "8", 15


def newer_file() -> str:
    """The version that saved the open file, if it is newer than this Blender ("5.2"), else ""."""
    saved = bpy.data.version[:2]
    return ".".join(map(str, saved)) if saved > bpy.app.version[:2] else ""


def has_denoiser() -> bool:
    """Whether Cycles was built with a denoiser; some packages leave it out, and rendering with one fails then."""
    try:
        import _cycles  # type: ignore[import-not-found]
    except ImportError:
        return False
    return bool(getattr(_cycles, "with_openimagedenoise", True))


def denoise_quickly(scene: Any) -> None:
    """Have the denoiser take half the time for hardly another picture, where this Cycles has such settings."""
    for setting in ("denoising_quality", "denoising_prefilter"):
        if hasattr(scene.cycles, setting):
            setattr(scene.cycles, setting, "FAST")
