"""What the buttons that change what a head plays have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..building import unfinished
from ..building.steps import Outcome, Paced, Steps
from ..editing.played import unplayable
from ..jobs.change import Change
from ..jobs.stepwise import Stepwise
from ..session import SESSION
from ..translations import tr
from ..trouble import ClientError
from .base import Explained, busy_reason, head_in_object_mode_reason


def head_here_reason(context: Any) -> str:
    """Why the active object is no head of this file that can be changed now, or ""."""
    if SESSION.busy:
        return busy_reason(tr(SESSION.busy))
    if reason := head_in_object_mode_reason(context):
        return reason
    head = context.object
    if head.library is not None or head.data.library is not None:
        return tr("{name} is linked from another file; open that file.").format(name=head.name)
    return ""


def edit_reason(context: Any) -> str:
    """Why there is nothing to edit, or ""."""
    return head_here_reason(context) or unplayable(context.object)


class OnPerformance(Explained):
    """Mixin: changes what the active head plays, in pieces when its button is pressed and at once for a script."""

    bl_options = {"UNDO"}  # noqa: RUF012 - what runs on after the press cannot be adjusted as the last operation

    pressed = False
    work: type[Stepwise] = Change

    @classmethod
    def disabled_reason(cls, context: Any) -> str:
        """See `Explained`."""
        return edit_reason(context)

    def invoke(self, context: Any, event: Any) -> set[str]:
        """The button."""
        self.pressed = True
        done: set[str] = self.execute(context)  # type: ignore[attr-defined]
        return done

    def do(self, steps: Callable[[], Steps[Outcome]]) -> set[str]:
        """Run `steps`: begin them, or do them all and say what came of them."""
        if self.pressed:
            SESSION.begin(self.work(self.bl_label, steps))  # type: ignore[attr-defined]
            return {"FINISHED"}
        paced = Paced(steps(), unfinished.marking)
        try:
            while not paced.advance(1.0):
                time.sleep(0.001)
        except ClientError as error:
            paced.drop()
            unfinished.take_back()
            return self.refuse(f"{tr(error.message)} {tr(error.advice)}")
        assert isinstance(paced.result, Outcome)
        SESSION.tell(paced.result.head, paced.result.said)
        self.report({"INFO"}, paced.result.said)  # type: ignore[attr-defined]
        return {"FINISHED"}
