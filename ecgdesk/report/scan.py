"""The original sheet as it was scanned, on a page of its own."""

import io

from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.report import ink
from ecgdesk.report.paper import Box

_LONGEST = 3300  # pixels: 300 dpi over the long side of A4; more only makes the file large
_JPEG_QUALITY = 88


def size_in(scan: bytes, box: Box) -> tuple[float, float]:
    """Width and height, points, of the scan drawn into the box."""
    with Image.open(io.BytesIO(scan)) as image:
        columns, rows = image.size
    scale = min(box.width / columns, box.height / rows)
    return columns * scale, rows * scale


def draw_scan(canvas: Canvas, scan: bytes, *, box: Box) -> None:
    """The scan as large as the box allows, at the top of it, in its own proportions."""
    image = _embeddable(scan)
    width, height = size_in(scan, box)
    x, y = box.x + (box.width - width) / 2, box.top - height
    canvas.drawImage(image, x, y, width, height)
    canvas.setStrokeColor(ink.RULE)
    canvas.setLineWidth(0.5)
    canvas.rect(x, y, width, height, stroke=1, fill=0)


def _embeddable(scan: bytes) -> ImageReader:
    with Image.open(io.BytesIO(scan)) as image:
        if image.format == "JPEG" and image.mode in ("L", "RGB") and max(image.size) <= _LONGEST:
            return ImageReader(io.BytesIO(scan))  # goes into the PDF as it is
        image.draft("RGB", (_LONGEST, _LONGEST))
        plain = image.convert("L" if image.mode in ("1", "L", "I;16") else "RGB")
        plain.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
        out = io.BytesIO()
        plain.save(out, "JPEG", quality=_JPEG_QUALITY)
    out.seek(0)
    return ImageReader(out)
