"""What the end of the backend's process means and what to do about it (no bpy)."""

from __future__ import annotations

import signal
from typing import Final

from ..trouble import Trouble

SEE_REPORT: Final = "Start it again; if it ends again, press Copy report and send the text to us."
REINSTALL: Final = "Install Style Avatar again in its environment: pip install --force-reinstall style-avatar."

BY_CODE: Final = {
    1: ("crashed", "The backend ended with an error.", SEE_REPORT),
    2: (
        "command_line",
        "The backend does not understand how this add-on starts it.",
        "Use the add-on and the backend of the same release.",
    ),
    10: (
        "data_folder",
        "The backend cannot write to its data folder, or the disk is full.",
        "Make room, or choose another data folder in the preferences.",
    ),
    11: ("package_missing", "A Python package that the backend needs is missing.", REINSTALL),
    12: (
        "no_port",
        "The backend found no free port on this machine.",
        "Look whether a firewall or security program blocks 127.0.0.1, then start it again.",
    ),
    13: ("weights", "The backend's own weights are missing or damaged.", REINSTALL),
    14: (
        "newer_queue",
        "The list of jobs was written by a newer version of Style Avatar.",
        "Update the environment, or choose another data folder in the preferences.",
    ),
    126: ("not_allowed", "The environment's Python may not be run.", "Check the permissions of the environment."),
    127: ("no_python", "The environment's Python is gone.", "Choose the environment again in the preferences."),
    130: ("interrupted", "The backend was interrupted.", "Start it again."),
}

MEMORY: Final = "Close other programs if memory was short, then start it again; the jobs go on where they stood."
BY_SIGNAL: Final = {
    "SIGKILL": ("killed", "The backend was killed, by hand or because the system ran out of memory.", MEMORY),
    "SIGTERM": ("killed", "The backend was told to end by another program.", "Start it again."),
    "SIGINT": ("interrupted", "The backend was interrupted.", "Start it again."),
    "SIGHUP": ("killed", "The backend was told to end by another program.", "Start it again."),
    "SIGILL": (
        "processor",
        "The backend uses an instruction that this processor does not have.",
        "Press Copy report and send the text to us.",
    ),
    "SIGBUS": ("disk", "The backend could not read one of its files.", "Check that the disk is not full; " + REINSTALL),
}
BY_WINDOWS_STATUS: Final = {
    0xC0000005: ("crashed", "The backend crashed (access violation).", SEE_REPORT),
    0xC000001D: BY_SIGNAL["SIGILL"],
    0xC0000017: ("killed", "The backend ran out of memory.", MEMORY),
    0xC0000135: ("package_missing", "A library that the backend needs is missing.", REINSTALL),
    0xC000013A: ("interrupted", "The backend was interrupted.", "Start it again."),
    0xC0000142: ("crashed", "A library that the backend needs could not start.", SEE_REPORT),
}


def ending(code: int, details: str = "") -> Trouble:
    """What it means that the process ended by itself with `code` (negative: by that signal; large: Windows' status).

    details: the last lines it said.
    """
    if code == 0:
        return Trouble("stopped", "The backend has ended.", "Start it again.", details)
    name = _signal_name(-code)
    known = BY_SIGNAL.get(name) if code < 0 else BY_CODE.get(code) or BY_WINDOWS_STATUS.get(code)
    if known:
        return Trouble(*known, details=details)
    how = f"was ended by the signal {name}" if code < 0 else f"ended with the code {_readable(code)}"
    return Trouble("crashed", f"The backend {how}.", SEE_REPORT, details)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _readable(code: int) -> str:
    return f"0x{code:08X}" if code > 0xFFFF else str(code)
