# SPDX-License-Identifier: GPL-3.0-or-later
"""Style Avatar in Blender: a voice and one photo become a talking 3D head.

The modules that need Blender are imported when the add-on is switched on, so that the others (`client`, `launcher`,
`take_file` …) can be used and tested where there is none.
"""


def register() -> None:
    """Called when the add-on is switched on."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called when the add-on is switched off."""
    from . import registration

    registration.unregister()
