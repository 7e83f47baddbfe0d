"""Figures that follow one another as an animated GIF: the same frames give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.figure import Figure

from ydsim.errors import UsageError
from ydsim.fmt import number
from ydsim.plots.page import save_bytes

MOST_FRAMES = 20
MOST_PIXELS = 40_000_000
"""Of all frames together."""

DPI = 100
"""Dots an inch."""

PAUSE, LAST_PAUSE = 800, 3000
"""Milliseconds that a frame stands, and that the last one stands before the first comes again."""

_COLOURS = 255


def save_frames(frames: Sequence[Figure], *, dpi: int = DPI, width: float | None = None) -> bytes:
    """Return the bytes of an animated GIF that goes round for ever.

    All frames share one table of colours, taken from all of them, so that a colour means the same
    in each.

    Parameters
    ----------
    frames
        Figures of one size, in order.
    dpi, width
        As in `ydsim.plots.page.save_bytes`.

    Raises
    ------
    UsageError
        When there are no frames, more than `MOST_FRAMES`, frames of different sizes, or more than
        `MOST_PIXELS`.
    """
    from PIL import Image

    if not 1 <= len(frames) <= MOST_FRAMES:
        raise UsageError(f"an animation has from 1 to {MOST_FRAMES} frames, not {len(frames)}")
    sizes = {tuple(float(side) for side in frame.get_size_inches()) for frame in frames}
    if len(sizes) > 1:
        raise UsageError("the frames of an animation must have one size")
    wide, high = sizes.pop()
    dots = dpi * (1.0 if width is None else width / wide)
    pixels = wide * high * dots**2 * len(frames)
    if pixels > MOST_PIXELS:
        raise UsageError(
            f"{len(frames)} frames at {dots:.0f} dots an inch are {number(pixels / 1e6, 3)} "
            f"million pixels, and {number(MOST_PIXELS / 1e6)} are the most; lower dpi or width"
        )
    pictures = []
    for frame in frames:
        data = save_bytes(frame, "png", dpi=dpi, width=width)
        pictures.append(Image.open(io.BytesIO(data)).convert("RGB"))
    columns = Image.new("RGB", (pictures[0].width, pictures[0].height * len(pictures)))
    for k, picture in enumerate(pictures):
        columns.paste(picture, (0, k * picture.height))
    colours = columns.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=2)
    drawn = [each.quantize(palette=colours, dither=Image.Dither.NONE) for each in pictures]
    buffer = io.BytesIO()
    drawn[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=drawn[1:],
        duration=[PAUSE] * (len(drawn) - 1) + [LAST_PAUSE],
        loop=0,
        optimize=False,
        disposal=1,
    )
    return buffer.getvalue()
