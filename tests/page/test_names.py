"""The reader of names on print that is drawn here."""

import hashlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ecgdesk.ecg.resources import resource
from ecgdesk.page.names import Name, find_names
from ecgdesk.page.working import WORKING_PPM

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def _ink(texts: list[tuple[str, float, float]], *, cap_mm: float = 2.8) -> NDArray[np.uint8]:
    """Working ink of 200 x 60 mm with each text's centre at its (x, y) mm, in the program's own font."""
    fine = 3
    font = ImageFont.truetype(
        str(sorted(resource("fonts").glob("*Sans*.ttf"))[0]), round(cap_mm * 1.4 * WORKING_PPM * fine)
    )
    image = Image.new("L", (int(200 * WORKING_PPM * fine), int(60 * WORKING_PPM * fine)))
    for text, x, y in texts:
        at = (x * WORKING_PPM * fine, y * WORKING_PPM * fine)
        ImageDraw.Draw(image).text(at, text, fill=255, font=font, anchor="mm")
    return np.asarray(image.resize((image.width // fine, image.height // fine), Image.Resampling.BOX), dtype=np.uint8)


def _said(names: tuple[Name, ...], x_mm: float, y_mm: float) -> str:
    near = [name for name in names if abs(name.x_mm - x_mm) < 2.0 and abs(name.y_mm - y_mm) < 2.0]
    return near[0].text if near and np.exp(near[0].log_p[-1]) < 0.5 else ""


@pytest.mark.parametrize("cap_mm", [2.0, 2.8, 3.6])
def test_every_lead_name_is_read(cap_mm):
    places = [(text, 15.0 + 30.0 * (i % 6), 15.0 + 25.0 * (i // 6)) for i, text in enumerate(LEADS)]
    names = find_names(_ink(places, cap_mm=cap_mm))
    assert [_said(names, x, y) for _, x, y in places] == list(LEADS)


def test_a_name_that_touches_the_trace_is_read():
    ink = _ink([("aVF", 50.0, 30.0), ("V3", 120.0, 30.0)]).copy()
    x = np.arange(0, 200, 0.2)
    y = 32.0 + 0.5 * np.sin(x / 4) - 9 * np.exp(-(((x % 37 - 20) / 0.6) ** 2))
    cv2.polylines(ink, [np.round(np.stack([x, y], axis=1) * WORKING_PPM).astype(np.int32)], False, 255, 1)
    names = find_names(ink)
    assert [_said(names, 50.0, 30.0), _said(names, 120.0, 30.0)] == ["aVF", "V3"]


def test_speed_and_gain_are_read():
    names = find_names(_ink([("25mm/s", 40.0, 40.0), ("10mm/mV", 90.0, 40.0), ("50 mm/s", 150.0, 40.0)]))
    printed = [name for name in names if name.text not in LEADS and np.exp(name.log_p[-1]) < 0.5]
    assert [name.text for name in sorted(printed, key=lambda name: name.x_mm)] == ["25mm/s", "10mm/mV", "50mm/s"]


def test_other_words_are_no_names():
    names = find_names(_ink([("Vent. rate 72 bpm", 60.0, 20.0), ("Normal ECG", 140.0, 40.0)]))
    assert [name.text for name in names if np.exp(name.log_p[-1]) < 0.5] == []


def test_box_of_a_name_is_where_it_is_printed():
    names = find_names(_ink([("V5", 100.0, 30.0)]))
    (name,) = [name for name in names if name.text == "V5"]
    assert (name.x_mm, name.y_mm) == pytest.approx((100.0, 30.0), abs=0.5)
    assert name.height_mm == pytest.approx(2.8, abs=0.7)


def test_the_model_is_the_one_that_its_card_describes():
    folder = resource("models/names")
    stated, _ = (folder / "names.onnx.sha256").read_text(encoding="utf-8").split()
    assert hashlib.sha256((folder / "names.onnx").read_bytes()).hexdigest() == stated
    assert (folder / "README.md").exists()
