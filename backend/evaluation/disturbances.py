"""Sounds that are no speech, made from formulas: what a microphone hears besides a voice.

Each takes a number of samples at 16 kHz and a generator, and gives float32 at the level such a sound has in a recording
whose speech lies about -25 dBFS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from models.motion.curves import smooth_step
from models.motion.motion import FloatArray
from models.speech.loudness import SAMPLE_RATE

Waveform = NDArray[np.float32]
Sound = Callable[[int, np.random.Generator], Waveform]

CHORDS: Final = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (261.6, 329.6, 392.0), (196.0, 246.9, 293.7))  # hertz
BEAT: Final = 0.5  # seconds
ROOM: Final = -65.0  # dBFS of a quiet room


def at_level(sound: NDArray[np.floating[Any]], decibels: float) -> Waveform:
    """`sound` (n,) scaled to a root mean square of so many dBFS, and never clipping."""
    level = np.sqrt(np.mean(np.square(sound))) + 1e-12
    return np.clip(sound * 10 ** (decibels / 20) / level, -0.99, 0.99).astype(np.float32)


def room(samples: int, generator: np.random.Generator) -> Waveform:
    """A quiet room: faint noise."""
    return at_level(pink(samples, generator), ROOM)


def white(samples: int, generator: np.random.Generator) -> Waveform:
    """White noise."""
    return at_level(generator.standard_normal(samples), -35.0)


def pink(samples: int, generator: np.random.Generator) -> Waveform:
    """Noise whose power falls as 1/f."""
    spectrum = np.fft.rfft(generator.standard_normal(samples))
    sound: FloatArray = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), samples)
    return at_level(sound, -35.0)


def fan(samples: int, generator: np.random.Generator) -> Waveform:
    """A fan: the hum of its motor and the noise of its air."""
    time = _time(samples)
    hum = sum(np.sin(2 * np.pi * 100 * k * time + k) / k**1.5 for k in (1, 2, 3, 5))
    air = _band(generator.standard_normal(samples), 80, 1200)
    return at_level(hum + 4 * air, -38.0)


def breathing(samples: int, generator: np.random.Generator) -> Waveform:
    """Breath close to the microphone: in for 1.2 s, out for 1.6 s, a pause."""
    time = _time(samples) % 3.8
    inwards, outwards = _swell(time, 0.1, 1.2), _swell(time, 1.5, 1.6)
    noise = generator.standard_normal(samples)
    return at_level(inwards * _band(noise, 700, 4000) + 0.8 * outwards * _band(noise, 250, 2000), -38.0)


def chords(samples: int, generator: np.random.Generator) -> Waveform:
    """Struck chords, one each two beats."""
    time = _time(samples)
    place, since = np.divmod(time, 2 * BEAT)
    sound = np.zeros(samples)
    for number, chord in enumerate(CHORDS):
        mine = place % len(CHORDS) == number
        for tone in chord:
            for k in range(1, 6):
                sound += mine * np.exp(-since * (1 + k)) * np.sin(2 * np.pi * k * tone * time) / k
    return at_level(sound * np.minimum(since / 0.01, 1), -24.0)


def drums(samples: int, generator: np.random.Generator) -> Waveform:
    """Kick, snare and hi-hat."""
    time = _time(samples)
    beat, since = np.divmod(time, BEAT)
    kick = np.sin(2 * np.pi * (50 * since + 8 * (1 - np.exp(-since * 30)))) * np.exp(-since * 12) * (beat % 2 == 0)
    noise = generator.standard_normal(samples)
    snare = _band(noise, 800, 5000) * np.exp(-since * 18) * (beat % 2 == 1)
    hat = _band(noise, 5000, 7800) * np.exp(-(time % (BEAT / 2)) * 40)
    return at_level(kick + snare + 0.5 * hat, -24.0)


def music(samples: int, generator: np.random.Generator) -> Waveform:
    """Chords over drums."""
    return at_level(chords(samples, generator).astype(np.float64) + drums(samples, generator), -24.0)


def laughter(samples: int, generator: np.random.Generator) -> Waveform:
    """Bursts of "ha": a breathy voice of 300 Hz, five times a second for a second and a half, then a breath."""
    time = _time(samples)
    since, within = time % 0.2, time % 2.5
    voice = sum(np.sin(2 * np.pi * k * (300 * time - 12 * np.cos(2 * np.pi * time / 2.5))) / k for k in range(1, 20))
    throat = _band(voice, 500, 1500) + 0.5 * voice + 0.4 * _band(generator.standard_normal(samples), 500, 4000)
    return at_level(throat * np.exp(-(((since - 0.07) / 0.045) ** 2)) * (within < 1.5), -28.0)


def knocks(samples: int, generator: np.random.Generator) -> Waveform:
    """Clicks and knocks, about two a second, over a quiet room."""
    sound = room(samples, generator).astype(np.float64)
    time = np.arange(1600) / SAMPLE_RATE
    for start in np.sort(generator.integers(0, samples - 1600, max(2 * samples // SAMPLE_RATE, 1))):
        pitch, decay = generator.uniform(100, 900), generator.uniform(60, 400)
        hit = np.sin(2 * np.pi * pitch * time) + generator.standard_normal(1600)
        sound[start : start + 1600] += generator.uniform(0.05, 0.3) * hit * np.exp(-decay * time)
    return np.clip(sound, -0.99, 0.99).astype(np.float32)


def tone(samples: int, generator: np.random.Generator) -> Waveform:
    """A test tone of 440 Hz."""
    return at_level(np.sin(2 * np.pi * 440 * _time(samples)), -24.0)


SOUNDS: Final[dict[str, Sound]] = {
    "quiet room": room,
    "breathing": breathing,
    "white noise": white,
    "pink noise": pink,
    "fan": fan,
    "chords": chords,
    "drums": drums,
    "chords and drums": music,
    "laughter": laughter,
    "knocks": knocks,
    "tone": tone,
}


def _time(samples: int) -> FloatArray:
    return np.arange(samples) / SAMPLE_RATE


def _band(sound: FloatArray, low: float, high: float) -> FloatArray:
    return np.asarray(sosfilt(butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), sound), np.float64)


def _swell(time: FloatArray, start: float, length: float) -> FloatArray:
    """0 to 1 and back within `length` seconds from `start`."""
    place: FloatArray = np.clip((time - start) / length, 0.0, 1.0)
    return smooth_step(np.minimum(place, 1.0 - place) * 3.0)
