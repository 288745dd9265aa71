"""PDF -> sheets, by PDFium. Scripts, forms and links are never run."""

import math
from itertools import islice

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from ecgdesk.ecg.page import Sheet
from ecgdesk.page.drawing import find_drawing
from ecgdesk.page.limits import MAX_FILE_PIXELS, MAX_PIXELS, MAX_SHEETS
from ecgdesk.page.refusals import UnreadableFile

POINTS_PER_INCH = 72.0
MM_PER_INCH = 25.4
VECTOR_DPI = 300.0
SCAN_DPI = (100.0, 600.0)  # a scan within a page is rendered at its own resolution, within these
MOST_OBJECTS = 20_000  # of a page that are searched for images: a scan has one, or one a band
SCAN_COVERS = 0.5  # share of the page from which on images are the page


def decode_pdf(data: bytes, *, name: str) -> tuple[Sheet, ...]:
    """A sheet a page. Raises UnreadableFile for a password, damage, or more than MAX_SHEETS pages."""
    document = _open(data)
    try:
        count = len(document)
        if count == 0:
            raise UnreadableFile("The PDF has no pages; export it again.")
        if count > MAX_SHEETS:
            raise UnreadableFile(
                f"The PDF has {count} pages and at most {MAX_SHEETS} are read at once; split it into smaller files."
            )
        most = min(MAX_PIXELS, MAX_FILE_PIXELS // count)
        return tuple(_sheet(document, index, name=name, most_pixels=most) for index in range(count))
    finally:
        document.close()


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD:
            raise UnreadableFile("The PDF is locked with a password; save a copy without one and try again.") from error
        raise UnreadableFile("The PDF is damaged and cannot be opened; export it again.") from error


def _sheet(document: pdfium.PdfDocument, index: int, *, name: str, most_pixels: int) -> Sheet:
    try:
        page = document[index]
        try:
            width_in, height_in = (side / POINTS_PER_INCH for side in page.get_size())
            scan_dpi = _scan_dpi(page)
            dpi = scan_dpi or VECTOR_DPI
            dpi = min(dpi, math.sqrt(most_pixels / max(width_in * height_in, 1e-6)))
            # PDFium rounds up: without the hair less, 240.00001 rows of a scan would become 241.
            bitmap = page.render(scale=dpi / POINTS_PER_INCH * (1 - 1e-6), rev_byteorder=True, may_draw_forms=False)
            image: NDArray[np.uint8] = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8, order="C")
            bitmap.close()
            size = (image.shape[1], image.shape[0])
            exact = (size[0] / width_in, size[1] / height_in)  # PDFium stretches a page to whole pixels
            drawing = find_drawing(page, size=size, pixels_per_mm=dpi / MM_PER_INCH)
        finally:
            page.close()
    except (pdfium.PdfiumError, ValueError, MemoryError) as error:
        raise UnreadableFile(f"Page {index + 1} of the PDF is damaged and cannot be drawn; export it again.") from error
    return Sheet(image=image, name=name, number=index + 1, dpi=exact, drawing=drawing)


def _scan_dpi(page: pdfium.PdfPage) -> float | None:
    """Resolution of the images that make up the page, None when it is drawn rather than scanned."""
    width, height = page.get_size()
    covered, finest = 0.0, 0.0
    for image in islice(page.get_objects(), MOST_OBJECTS):
        if image.type != pdfium_c.FPDF_PAGEOBJ_IMAGE:
            continue
        left, bottom, right, top = image.get_bounds()
        columns, rows = image.get_px_size()
        area = max(right - left, 0.0) * max(top - bottom, 0.0)
        if area < 0.01 * width * height:
            continue
        covered += area
        # Area, not sides: the image may lie turned on the page.
        finest = max(finest, POINTS_PER_INCH * math.sqrt(columns * rows / area))
    if covered < SCAN_COVERS * width * height:
        return None
    return float(np.clip(finest, *SCAN_DPI))
