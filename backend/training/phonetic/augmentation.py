"""What rooms, microphones, noise and other voices do to speech, for training: random, but repeatable by its generator.

A head trained on clean sound alone falls apart in noise; each clip is therefore heard several times, altered each time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import fftconvolve

SAMPLE_RATE = 16000
Waveform = NDArray[np.float32]


def augment(clean: Waveform, others: Sequence[Waveform], random: Generator) -> tuple[Waveform, float]:
    """An altered copy of `clean`, (N,) at 16 kHz, and its speed: times in the copy are times in `clean` / speed.

    others: recordings from which background babble is mixed.
    """
    speed = 1.0
    sound = clean
    if random.random() < 0.6:
        speed = float(random.uniform(0.80, 1.15))
        sound = soxr.resample(sound, SAMPLE_RATE * speed, SAMPLE_RATE).astype(np.float32)
    if random.random() < 0.6:
        sound = equalise(sound, random)
    if random.random() < 0.4:
        sound = reverberate(sound, random)
    if random.random() < 0.75:
        noise = babble(len(sound), others, random) if random.random() < 0.4 else coloured_noise(len(sound), random)
        sound = mix(sound, noise, float(random.uniform(0.0, 30.0)))
    return at_level(sound, float(random.uniform(-30.0, -1.0))), speed


def equalise(sound: Waveform, random: Generator) -> Waveform:
    """A random smooth frequency response within ±12 dB, one time in four band-limited like a telephone."""
    spectrum = np.fft.rfft(sound)
    hertz = np.linspace(0.0, SAMPLE_RATE / 2, len(spectrum))
    bands = np.geomspace(60.0, SAMPLE_RATE / 2, 8)
    decibels = np.interp(np.log(hertz + 1.0), np.log(bands), random.uniform(-12.0, 12.0, len(bands)))
    if random.random() < 0.25:
        decibels -= np.where((hertz < 300.0) | (hertz > 3400.0), 40.0, 0.0)
    return np.fft.irfft(spectrum * 10.0 ** (decibels / 20.0), len(sound)).astype(np.float32)


def reverberate(sound: Waveform, random: Generator) -> Waveform:
    """A room: exponentially decaying noise after the direct sound (Polack's model), RT60 0.15 to 0.8 s."""
    rt60 = random.uniform(0.15, 0.8)
    time = np.arange(int(rt60 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = random.standard_normal(len(time)) * 10.0 ** (-3.0 * time / rt60)
    tail[: int(0.002 * SAMPLE_RATE)] = 0.0
    ratio = 10.0 ** (random.uniform(-6.0, 12.0) / 10.0)  # direct to reverberant energy
    tail *= np.sqrt(1.0 / (ratio * np.square(tail).sum()))
    tail[0] = 1.0
    return fftconvolve(sound, tail)[: len(sound)].astype(np.float32)


def coloured_noise(samples: int, random: Generator) -> Waveform:
    """Noise whose power falls as 1/f^a, a between 0 (white) and 2 (brown), slowly swelling, half the time with hum."""
    spectrum = np.fft.rfft(random.standard_normal(samples))
    slope = random.uniform(0.0, 2.0)
    noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 1.0) ** (slope / 2.0), samples)
    noise /= np.sqrt(np.mean(noise**2)) + 1e-9
    time = np.arange(samples) / SAMPLE_RATE
    noise *= 1.0 + 0.5 * np.sin(2 * np.pi * (random.uniform(0.1, 1.0) * time + random.random()))
    if random.random() < 0.5:
        base = random.uniform(45.0, 400.0)
        noise += sum(
            random.uniform(0.0, 1.0) / harmonic * np.sin(2 * np.pi * (base * harmonic * time + random.random()))
            for harmonic in range(1, 9)
        )
    return noise.astype(np.float32)


def babble(samples: int, others: Sequence[Waveform], random: Generator) -> Waveform:
    """Three to seven other recordings at once, each from a random place on, repeated to length."""
    total = np.zeros(samples, np.float32)
    for index in random.integers(0, len(others), random.integers(3, 8)):
        voice = others[int(index)]
        start = int(random.integers(0, len(voice)))
        total += np.resize(np.roll(voice, -start), samples) / (np.sqrt(np.mean(voice**2)) + 1e-6)
    return total


def mix(speech: Waveform, noise: Waveform, decibels: float) -> Waveform:
    """`speech` with `noise` at a signal-to-noise ratio in dB, measured over the whole clip."""
    ratio = np.sqrt(np.mean(speech**2) / (np.mean(noise**2) + 1e-12)) * 10.0 ** (-decibels / 20.0)
    return (speech + ratio * noise).astype(np.float32)


def at_level(sound: Waveform, decibels: float) -> Waveform:
    """The sound with its peak at `decibels` relative to full scale."""
    return (sound * (10.0 ** (decibels / 20.0) / (np.abs(sound).max(initial=0.0) + 1e-9))).astype(np.float32)
