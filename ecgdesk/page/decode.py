"""File -> sheets: what a person may drop, and what is refused.

| kind | read as |
|---|---|
| PNG, JPEG, MPO (phones), BMP, still GIF and WebP | one sheet |
| TIFF | a sheet a page; reduced-resolution copies are skipped |
| PDF, raster or vector | a sheet a page, at the resolution of the scan within or at 300 dpi |

Nothing is written to disk, and sizes are checked before a pixel is decoded.
"""

from ecgdesk.ecg.page import Sheet
from ecgdesk.page.pdf import decode_pdf
from ecgdesk.page.raster import decode_raster
from ecgdesk.page.refusals import UnreadableFile

# What a folder is searched for; a file that is named by hand is read whatever its name.
SUFFIXES = (".png", ".jpg", ".jpeg", ".mpo", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pdf")
PDF_HEADER_WITHIN = 1024  # bytes, as PDF readers tolerate it
HEIF_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"avif")


def decode(data: bytes, *, name: str) -> tuple[Sheet, ...]:
    """The sheets of one file, RGB and with EXIF orientation applied; `name` is kept with each.

    Raises UnreadableFile with one sentence for the user.
    """
    if not data:
        raise UnreadableFile("The file is empty; export or copy it again.")
    if b"%PDF-" in data[:PDF_HEADER_WITHIN]:
        return decode_pdf(data, name=name)
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        raise UnreadableFile("HEIC and AVIF photos cannot be read; save the photo as JPEG and try again.")
    return decode_raster(data, name=name)
