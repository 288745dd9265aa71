"""Contact sheets: what the program made of each file of a folder, beside the file itself, to be judged by eye.

Left: the straightened page, pale, with every strip's extent and name, the calibration pulses, and the recovered trace
laid over the paper's. Right: the same strips redrawn from the recovered signal alone, on millimetre paper.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ
from ecgdesk.ecg.page import Page, Strip
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.page.decode import SUFFIXES, decode
from ecgdesk.page.understand import understand
from ecgdesk.trace.trace import trace

U8 = NDArray[np.uint8]

PANEL_WIDTH = 1200  # pixels
CASES_A_SHEET = 3
_STRIP_COLOURS = ((200, 80, 0), (0, 120, 0))  # BGR; neighbours differ
_TRACE, _PULSE, _TEXT = (0, 0, 230), (190, 0, 190), (40, 40, 40)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_STRIP_HALF_MM = 5.0
_RIGHT_GAIN = 10.0  # mm/mV of the redrawn strips


def contact_sheet(folder: Path, out: Path) -> Iterator[Path]:
    """Writes `out/contact-01.png` and so on: three sheets of `folder`'s files on each. A refused one says why.

    Gives each file as soon as it is written. Raises Refusal when the folder holds no sheet.
    """
    files = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise Refusal(f"No image or PDF lies in {folder}; name another folder.")
    out.mkdir(parents=True, exist_ok=True)
    cases = (case for path in files for case in _cases(path))
    number = 0
    while some := list(islice(cases, CASES_A_SHEET)):
        number += 1
        path = out / f"contact-{number:02d}.png"
        path.write_bytes(cv2.imencode(".png", np.vstack(_to_one_width(some)))[1].tobytes())
        yield path


def _cases(path: Path) -> Iterator[U8]:
    try:
        sheets = decode(path.read_bytes(), name=path.name)
    except Refusal as refusal:
        yield _refused(path.name, str(refusal), None)
        return
    for sheet in sheets:
        title = path.name if len(sheets) == 1 else f"{path.name}, sheet {sheet.number}"
        try:
            page = understand(sheet)
        except Refusal as refusal:
            yield _refused(title, str(refusal), sheet.image)
        else:
            yield draw_case(title, page, trace(page))


def draw_case(title: str, page: Page, recording: Recording) -> U8:
    """uint8[h, 2 PANEL_WIDTH, 3], BGR: the annotated page and its redrawn strips side by side, a title above."""
    height, width = page.image.shape[:2]
    scale = PANEL_WIDTH / width
    size = (PANEL_WIDTH, max(1, round(height * scale)))
    small = cv2.resize(page.image[:, :, ::-1], size, interpolation=cv2.INTER_AREA)
    left = (small * 0.5 + 127).astype(np.uint8)
    sx = scale * (page.pixels_per_mm_x.value or 1.0)
    sy = scale * (page.pixels_per_mm_y.value or 1.0)
    right = _millimetre_paper(size, sx, sy)
    for number, strip in enumerate(page.layout.strips):
        colour = _STRIP_COLOURS[number % 2]
        _outline(left, strip, sx, sy, colour)
        _label(right, strip, sx, sy, colour)
        _draw_signal(left, strip, recording, sx, sy, strip.gain.value or _RIGHT_GAIN, _TRACE)
        _draw_signal(right, strip, recording, sx, sy, _RIGHT_GAIN, (0, 0, 0))
    for x0, y0, x1, y1 in page.pulses:
        cv2.rectangle(left, (round(x0 * sx), round(y0 * sy)), (round(x1 * sx), round(y1 * sy)), _PULSE, 2)
    facts = (
        f"{title}: {page.layout.name}, {page.speed.value:g} mm/s {page.speed.how}, "
        f"{page.gain.value:.3g} mm/mV {page.gain.how}, {page.pixels_per_mm_x.value:.2f} px/mm"
    )
    return np.vstack([_text_block([facts, *page.doubts]), np.hstack([left, right])])


def _refused(title: str, reason: str, image: U8 | None) -> U8:
    block = _text_block([f"{title}: REFUSED", reason])
    if image is None:
        return block
    scale = PANEL_WIDTH / image.shape[1]
    small = cv2.resize(image[:, :, ::-1], (PANEL_WIDTH, max(1, round(image.shape[0] * scale))))
    canvas = np.full((small.shape[0], 2 * PANEL_WIDTH, 3), 255, np.uint8)
    canvas[:, :PANEL_WIDTH] = small
    return np.vstack([block, canvas])


def _text_block(lines: Sequence[str]) -> U8:
    block = np.full((26 * len(lines) + 10, 2 * PANEL_WIDTH, 3), 255, np.uint8)
    for number, line in enumerate(lines):
        weight = 2 if number == 0 else 1
        cv2.putText(block, line, (8, 24 + 26 * number), _FONT, 0.6, _TEXT, weight, cv2.LINE_AA)
    return block


def _millimetre_paper(size: tuple[int, int], sx: float, sy: float) -> U8:
    paper = np.full((size[1], size[0], 3), 255, np.uint8)
    for step, colour in ((1, (235, 235, 255)), (5, (190, 190, 255))):
        for x in np.arange(0, size[0] / sx, step):
            cv2.line(paper, (round(x * sx), 0), (round(x * sx), size[1]), colour, 1)
        for y in np.arange(0, size[1] / sy, step):
            cv2.line(paper, (0, round(y * sy)), (size[0], round(y * sy)), colour, 1)
    return paper


def _outline(canvas: U8, strip: Strip, sx: float, sy: float, colour: tuple[int, int, int]) -> None:
    begin = (round(strip.x0_mm * sx), round((strip.baseline_mm - _STRIP_HALF_MM) * sy))
    end = (round(strip.x1_mm * sx), round((strip.baseline_mm + _STRIP_HALF_MM) * sy))
    cv2.rectangle(canvas, begin, end, colour, 1)
    _label(canvas, strip, sx, sy, colour)


def _label(canvas: U8, strip: Strip, sx: float, sy: float, colour: tuple[int, int, int]) -> None:
    at = (round((strip.x0_mm + 1) * sx), round((strip.baseline_mm - _STRIP_HALF_MM - 0.5) * sy))
    text = f"{strip.lead.value} {strip.start_s:.2f}-{strip.end_s:.2f} s" + (" rhythm" if strip.rhythm else "")
    cv2.putText(canvas, text, at, _FONT, 0.45, colour, 1, cv2.LINE_AA)


def _draw_signal(
    canvas: U8, strip: Strip, recording: Recording, sx: float, sy: float, gain: float, colour: tuple[int, int, int]
) -> None:
    signal = recording.signal[strip.lead.row]
    first, last = (min(max(round(t * SAMPLING_RATE_HZ), 0), signal.size) for t in (strip.start_s, strip.end_s))
    seen = np.isfinite(signal[first:last])
    if last - first < 2 or not seen.any():
        return
    seconds = np.arange(first, last) / SAMPLING_RATE_HZ - strip.start_s
    x = strip.x0_mm + seconds * (strip.x1_mm - strip.x0_mm) / (strip.end_s - strip.start_s)
    y = strip.baseline_mm - gain * (signal[first:last] - np.nanmedian(signal[first:last]))
    points = np.stack([x * sx, np.nan_to_num(y) * sy], axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        cv2.polylines(canvas, [np.round(points[begin:end]).astype(np.int32)], False, colour, 1, cv2.LINE_AA)


def _to_one_width(images: Sequence[U8]) -> list[U8]:
    width = max(image.shape[1] for image in images)
    return [np.pad(im, ((0, 12), (0, width - im.shape[1]), (0, 0)), constant_values=255) for im in images]
