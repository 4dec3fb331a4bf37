"""The calories of walking backward, as the published equations give them: an oracle beside the product's own."""

JOULES = 4184.0
"""J per kcal."""
STANDING = 1.44
"""W/kg"""
MOST_OFF = 0.05
"""The share by which what is recorded may differ."""
BACKWARD = 1.45
"""On what level walking costs above standing."""


def lcda(kmh: float, grade: float) -> float:
    """Return the W/kg of forward walking (Looney 2019, graded)."""
    speed = kmh / 3.6
    level: float = STANDING + 1.94 * speed**0.43 + 0.24 * speed**4
    slope: float = 0.34 * speed * grade * (1 - 1.05 ** (1 - 1.1 ** (grade + 32)))
    return level + slope


def backward_kcal(weight: float, kmh: float, grade: float, seconds: float) -> float:
    """Return the gross kilocalories of walking backward; none at rest."""
    if kmh <= 0:
        return 0.0
    level = lcda(kmh, 0.0)
    power = STANDING + BACKWARD * (level - STANDING) + lcda(kmh, grade) - level
    return power * weight * seconds / JOULES
