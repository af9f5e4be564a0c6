# SPDX-License-Identifier: GPL-3.0-or-later
"""Style Avatar in Blender: build a talking head from a take.

The modules here do the work for the command line (`headless`) and for the panels to come. There is no user interface
yet, so registering adds nothing to Blender.
"""


def register() -> None:
    """Called when the add-on is switched on; there is nothing to add yet."""


def unregister() -> None:
    """Called when the add-on is switched off."""
