"""Stand-in for pymicro-vad: hears no speech. The tests and the demo use no microphone."""


class MicroVad:
    """Same interface; the probability of speech is always zero."""

    def Process10ms(self, audio: bytes) -> float:
        """Return no speech for ten milliseconds of audio."""
        return 0.0
