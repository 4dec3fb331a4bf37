"""The icon and the logo of the integration, light and dark, 1x and 2x: called by scripts/brand.

Everything is drawn as round strokes, the letters too: no font of a machine decides how it looks.
"""

import math
import sys
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

TEAL: Final = "#0b7285"
YELLOW: Final = "#ffd43b"
WHITE: Final = "#ffffff"
SIZE: Final = 512
"""Pixels (px) of the icon at 2x; it is drawn in these units."""
LOGO_HEIGHT: Final = 256
"""Pixels (px) of the logo at 2x, as Home Assistant's brands ask for: its shorter side has 128 to 256."""
FINER: Final = 4
"""How many times as large it is drawn before it is scaled down."""
LETTER_WIDTH: Final = 30
"""The width of the strokes of the name, in units of the icon."""
GAP: Final = 44
"""Between the middles of the strokes of two letters, in the same units."""

type Point = tuple[float, float]
type Stroke = list[Point]


def arc(center: Point, radius: Point, start: float, end: float) -> Stroke:
    """Return an arc of an ellipse from `start` to `end` degrees, clockwise from three o'clock."""
    steps = max(2, round(abs(end - start) / 4))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return [(center[0] + radius[0] * math.cos(angle), center[1] + radius[1] * math.sin(angle)) for angle in angles]


TOP, MIDDLE, BASE = 0.0, 76.0, 190.0
"""The heights of the letters: ascender, the top of small letters, base line."""
BOWL: Final = (52.0, (BASE - MIDDLE) / 2)
BOWL_Y: Final = (MIDDLE + BASE) / 2
LETTERS: Final[dict[str, list[Stroke]]] = {
    "R": [
        [(0, BASE), (0, TOP), (44, TOP), *arc((44, 52), (52, 52), -90, 90), (0, 104)],
        [(48, 104), (100, BASE)],
    ],
    "e": [[(0, BOWL_Y), (104, BOWL_Y), *arc((52, BOWL_Y), BOWL, 0, -310)]],
    "t": [
        [(28, 26), (28, 150), *arc((68, 150), (40, 40), 180, 90), (76, BASE)],
        [(0, MIDDLE), (72, MIDDLE)],
    ],
    "r": [[(0, BASE), (0, MIDDLE)], [(0, 130), *arc((54, 130), (54, 54), 180, 290)]],
    "o": [arc((52, BOWL_Y), BOWL, 0, 360)],
    "w": [[(0, MIDDLE), (38, BASE), (76, MIDDLE + 14), (114, BASE), (152, MIDDLE)]],
    "a": [arc((52, BOWL_Y), BOWL, 0, 360), [(104, MIDDLE), (104, BASE)]],
    "l": [[(0, TOP), (0, BASE)]],
    "k": [[(0, TOP), (0, BASE)], [(80, MIDDLE), (0, 140)], [(30, 120), (88, BASE)]],
}
BEFORE: Final = {"r": 10.0, "l": 16.0, "k": 16.0}
"""What upright strokes have in front of them beside the gap."""
WALKER: Final[list[Stroke]] = [
    [(272, 172), (257, 262), (300, 316), (300, 380)],  # trunk and the leg in front
    [(257, 262), (224, 322), (176, 368)],
    [(272, 190), (320, 228), (344, 208)],
    [(262, 196), (212, 220), (200, 268)],
]


class Sheet:
    """A picture that strokes are drawn on."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        self._scale = scale * FINER
        self._size = (round(width * scale), round(height * scale))
        self._image = Image.new("RGBA", (self._size[0] * FINER, self._size[1] * FINER))
        self._draw = ImageDraw.Draw(self._image)

    def stroke(self, points: Stroke, width: float, color: str, at: Point = (0, 0)) -> None:
        """Draw a line with round ends and corners."""
        scaled = [((x + at[0]) * self._scale, (y + at[1]) * self._scale) for x, y in points]
        radius = width * self._scale / 2
        self._draw.line(scaled, fill=color, width=round(2 * radius))
        for x, y in scaled:
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)

    def plate(self, left: float, top: float, size: float, radius: float, color: str) -> None:
        """Draw a square with round corners."""
        scale = self._scale
        box = (left * scale, top * scale, (left + size) * scale, (top + size) * scale)
        self._draw.rounded_rectangle(box, radius * scale, fill=color)

    def finished(self) -> Image.Image:
        """Return the picture in its size."""
        return self._image.resize(self._size, Image.Resampling.BOX)


def draw_walker(sheet: Sheet, at: Point = (0, 0)) -> None:
    """Draw who walks to the right and goes to the left, in a square of SIZE whose corner is at `at`."""
    sheet.stroke([(280, 108), (280, 108)], 68, WHITE, at)
    for limb in WALKER:
        sheet.stroke(limb, 32, WHITE, at)
    sheet.stroke([(100, 420), (412, 420)], 40, YELLOW, at)
    sheet.stroke([(132, 168), (76, 168)], 24, YELLOW, at)
    sheet.stroke([(104, 140), (76, 168), (104, 196)], 24, YELLOW, at)


def draw_icon(scale: float, *, dark: bool) -> Image.Image:
    """Return the icon; on a dark page its plate is edged, so that it stands out."""
    sheet = Sheet(SIZE, SIZE, scale)
    if dark:
        sheet.plate(8, 8, SIZE - 16, 120, "#3bc9db")
    sheet.plate(16, 16, SIZE - 32, 112, TEAL)
    draw_walker(sheet)
    return sheet.finished()


def draw_logo(scale: float, *, dark: bool) -> Image.Image:
    """Return the icon with the name beside it, trimmed, the name in white for a dark page."""
    color = WHITE if dark else TEAL
    widths = {letter: max(x for stroke in strokes for x, _ in stroke) for letter, strokes in LETTERS.items()}
    name = "Retrowalk"
    letters = sum(widths[letter] + BEFORE.get(letter, 0) for letter in name) + GAP * (len(name) - 1)
    across = SIZE - 32 + 56 + LETTER_WIDTH + letters
    unit = scale * LOGO_HEIGHT / (SIZE - 32)
    sheet = Sheet(across, SIZE - 32, unit)
    sheet.plate(0, 0, SIZE - 32, 112, TEAL)
    draw_walker(sheet, (-16, -16))
    x = SIZE - 32 + 56 + LETTER_WIDTH / 2
    for letter in name:
        x += BEFORE.get(letter, 0)
        for stroke in LETTERS[letter]:
            sheet.stroke(stroke, LETTER_WIDTH, color, (x, 145))
        x += widths[letter] + GAP
    return sheet.finished()


def main(folder: Path) -> None:
    """Write all eight pictures."""
    for dark in (False, True):
        for scale in (0.5, 1.0):
            for name, draw in (("icon", draw_icon), ("logo", draw_logo)):
                file = f"{'dark_' if dark else ''}{name}{'@2x' if scale == 1 else ''}.png"
                draw(scale, dark=dark).save(folder / file, optimize=True)
                print(folder / file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
