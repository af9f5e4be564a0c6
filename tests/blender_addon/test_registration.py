"""The add-on as Blender sees it: everything comes and goes, everything is explained, in two languages."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from . import ui_text


@pytest.fixture
def registered(blender: Any) -> Iterator[Any]:
    from blender_addon import registration

    registration.register()
    yield registration
    registration.unregister()


def test_everything_comes_and_goes(blender: Any) -> None:
    import blender_addon

    for _ in range(2):
        blender_addon.register()
        assert hasattr(blender.types.Scene, "style_avatar")
        assert "animate" in dir(blender.ops.style_avatar)
        blender_addon.unregister()
        assert not hasattr(blender.types.Scene, "style_avatar")
        assert "animate" not in dir(blender.ops.style_avatar)


def test_operators_and_settings_have_tooltips(registered: Any, blender: Any) -> None:
    for one in registered.classes():
        if issubclass(one, blender.types.Operator):
            assert one.bl_description.strip(), one
            assert not one.bl_description.endswith("."), f"Blender adds the stop itself: {one}"
        for found in ui_text.own_properties(blender, one):
            assert found.description.strip() or found.is_hidden, (one, found.identifier)
            assert found.type != "ENUM" or all(item.description for item in found.enum_items_static), found.identifier


def test_operators_say_why_they_are_greyed(registered: Any, blender: Any) -> None:
    from blender_addon.operators.base import Explained

    operators = [one for one in registered.classes() if issubclass(one, blender.types.Operator)]
    assert operators and all(issubclass(one, Explained) for one in operators)
    for one in operators:
        reason = one.disabled_reason(blender.context)
        assert one.poll(blender.context) == (not reason)
        assert not reason or reason.endswith("."), (one, reason)
    with pytest.raises(RuntimeError, match="Start the backend first"):
        blender.ops.style_avatar.animate()


def test_every_text_is_translated(registered: Any, blender: Any) -> None:
    from blender_addon.hosting.endings import BY_CODE, BY_SIGNAL, BY_WINDOWS_STATUS
    from blender_addon.jobs import work
    from blender_addon.jobs.stages import STAGE_LABELS
    from blender_addon.panels.backend import WORKERS
    from blender_addon.translations import LANGUAGES

    endings: Any = (BY_CODE, BY_SIGNAL, BY_WINDOWS_STATUS)
    texts = {*ui_text.of_classes(blender, registered.classes()), *(text for _, text in ui_text.of_source())}
    texts |= {*STAGE_LABELS.values(), *work.BUILDING.values(), work.PREPARING, *WORKERS.values()}
    texts |= {text for table in endings for _, *sentences in table.values() for text in sentences}
    assert len(texts) > 200
    for language, words in LANGUAGES.items():
        assert not sorted(texts - set(words)), language
        assert all(own.strip() for own in words.values())


def test_translations_keep_what_is_filled_in() -> None:
    import re

    pytest.importorskip("bpy")
    from blender_addon.translations import GERMAN

    for english, german in GERMAN.items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", german)), english


def test_only_compat_knows_versions() -> None:
    for path in ui_text.SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        asked = [one for one in ast.walk(tree) if isinstance(one, ast.Attribute) and one.attr == "version"]
        told = [ast.unparse(one) for one in asked if ast.unparse(one) == "bpy.app.version"]
        assert not told or path.name == "compat.py", path


def test_no_import_names_the_package() -> None:
    """As an extension the package is called bl_ext.user_default.style_avatar."""
    for path in ui_text.SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not any(name.split(".")[0] in {"blender_addon", "backend", "models"} for name in names), path
