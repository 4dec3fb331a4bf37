"""Stand-in for pyspeex-noise: leaves audio as it is. The tests and the demo use no microphone."""


class _Processed:
    def __init__(self, audio: bytes) -> None:
        self.audio = audio


class AudioProcessor:
    """Same interface; no gain, no noise suppression."""

    def __init__(self, auto_gain: float, noise_suppression: float) -> None:
        """Ignore the settings."""

    def Process10ms(self, audio: bytes) -> _Processed:
        """Return ten milliseconds of audio unchanged."""
        return _Processed(audio)
