"""Speech encoders: waveform to phone posteriors at 50 per second."""
