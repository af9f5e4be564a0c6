# SPDX-License-Identifier: GPL-3.0-or-later
"""Style Avatar in Blender: a voice and one photo become a talking 3D head.

`operators` and `panels` are what the artist sees. Behind them `jobs` asks the backend (`hosting`, `connection`,
`files`), and `building`, `editing`, `driving` and `output` do the work in the scene. `motion` and `retarget` are
arithmetic.

The modules that need Blender are imported when the add-on is switched on, so that the others (`connection`, `hosting`,
`files`, `motion`, `retarget` …) can be used and tested where there is none.
"""


def register() -> None:
    """Called when the add-on is switched on."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called when the add-on is switched off."""
    from . import registration

    registration.unregister()
