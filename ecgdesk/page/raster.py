"""PNG, JPEG, TIFF, BMP, GIF and WebP -> sheets, by Pillow."""

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from ecgdesk.ecg.page import Sheet
from ecgdesk.page.limits import MAX_FILE_PIXELS, MAX_PIXELS, MAX_SHEETS, PLAUSIBLE_DPI
from ecgdesk.page.refusals import UnreadableFile

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")  # MPO comes with JPEG
LEAST_SHARE = 0.75  # of a cut-off JPEG's rows that must be there
TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange width and height
EXIF_ORIENTATION = 0x0112
TIFF_SUBFILE_TYPE = 254
TIFF_PHOTOMETRIC = 262
JPEG_END = b"\xff\xd9"

_UNKNOWN = "This is no image or PDF that can be read; use PNG, JPEG, TIFF, BMP or PDF."
_DAMAGED = "The image is damaged or cut off and cannot be read; scan or copy it again."
_TOO_LARGE = (
    f"The image has more than {MAX_PIXELS // 1_000_000} million pixels and is not opened; scan at 600 dpi or less."
)


def decode_raster(data: bytes, *, name: str) -> tuple[Sheet, ...]:
    """The sheets of an image file. Raises UnreadableFile."""
    with _sentences(), warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.format == "TIFF":
                return _tiff(image, name=name)
            if image.format != "MPO" and getattr(image, "is_animated", False):
                raise UnreadableFile("This is a moving picture; use a still image of the sheet.")
            _check_size(image)
            return (_sheet(image, data, name=name, number=1),)


def _tiff(image: Image.Image, *, name: str) -> tuple[Sheet, ...]:
    sheets: list[Sheet] = []
    pixels = 0
    for frame in _frames(image):
        if frame.tag_v2.get(TIFF_SUBFILE_TYPE, 0) & 1:  # type: ignore[attr-defined]
            continue
        _check_size(frame)
        pixels += frame.width * frame.height
        if len(sheets) == MAX_SHEETS or pixels > MAX_FILE_PIXELS:
            raise UnreadableFile(
                f"The file holds more than {MAX_SHEETS} sheets or {MAX_FILE_PIXELS // 1_000_000} million pixels; "
                "split it into smaller files."
            )
        sheets.append(_sheet(frame, b"", name=name, number=len(sheets) + 1))
    if not sheets:
        raise UnreadableFile(_DAMAGED)
    return tuple(sheets)


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    index = 0
    while True:
        try:
            image.seek(index)
        except EOFError:
            return
        yield image
        index += 1


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableFile(_TOO_LARGE)


def _sheet(image: Image.Image, data: bytes, *, name: str, number: int) -> Sheet:
    doubts: tuple[str, ...] = ()
    orientation = image.getexif().get(EXIF_ORIENTATION, 1)  # before load(), which turns a TIFF itself
    try:
        image.load()
        whole = image
    except OSError:
        if image.format not in ("JPEG", "MPO"):
            raise
        whole = _cut_off_jpeg(data)
        doubts = ("The image file is cut off: its lower edge is missing.",)
    dpi = _dpi(image)
    if dpi is not None and orientation in TURNED:
        dpi = (dpi[1], dpi[0])
    upright = ImageOps.exif_transpose(whole)
    return Sheet(image=_rgb(upright), name=name, number=number, dpi=dpi, doubts=doubts)


def _cut_off_jpeg(data: bytes) -> Image.Image:
    """What there is of a truncated JPEG, the missing rows cut away."""
    # With an end marker put behind it, the decoder fills what is missing with one flat colour instead of failing.
    image = Image.open(io.BytesIO(data + JPEG_END), formats=("JPEG",))
    image.load()
    pixels = np.asarray(image)
    flat = (pixels == pixels[-1:, -1:]).reshape(pixels.shape[0], -1).all(axis=1)
    present = image.height - int(np.argmin(flat[::-1])) if not flat.all() else 0
    if present < LEAST_SHARE * image.height:
        raise UnreadableFile("The image is cut off and most of it is missing; scan or copy it again.")
    cut = image.crop((0, 0, image.width, present))
    cut.info["exif"] = image.info.get("exif", b"")
    return cut


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    stated = image.info.get("dpi")
    if not isinstance(stated, tuple) or len(stated) != 2:
        return None
    x, y = float(stated[0]), float(stated[1])
    low, high = PLAUSIBLE_DPI
    plausible = math.isfinite(x) and math.isfinite(y) and low <= x <= high and low <= y <= high
    return (x, y) if plausible else None


def _rgb(image: Image.Image) -> NDArray[np.uint8]:
    """uint8[h, w, 3] of an image in any mode; what is transparent becomes white paper."""
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return _deep_grey(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        over = image.convert("RGBA")
        paper = Image.new("RGBA", over.size, (255, 255, 255, 255))
        image = Image.alpha_composite(paper, over)
    return np.ascontiguousarray(np.asarray(image.convert("RGB")))


def _deep_grey(image: Image.Image) -> NDArray[np.uint8]:
    """More than 8 bits of grey brought to 8: full scale is 16 bits, or 12 where nothing is brighter than that."""
    values = np.asarray(image).astype(np.float32)
    top = float(values.max(initial=0.0))
    if image.mode == "F" or top > 65535:
        full = max(top, 1e-6)
    else:
        full = 65535.0 if top > 4095 else 4095.0 if top > 255 else 255.0
    grey = np.clip(values * (255.0 / full) + 0.5, 0, 255).astype(np.uint8)
    if getattr(image, "tag_v2", {}).get(TIFF_PHOTOMETRIC) == 0:
        grey = 255 - grey
    return np.repeat(grey[:, :, None], 3, axis=2)


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn what Pillow raises on hostile files into sentences."""
    try:
        yield
    except UnreadableFile:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableFile(_UNKNOWN) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise UnreadableFile(_TOO_LARGE) from error
    except Exception as error:  # a decoder on hostile bytes may raise anything: SyntaxError, struct.error, ...
        raise UnreadableFile(_DAMAGED) from error
