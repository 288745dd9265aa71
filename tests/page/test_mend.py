"""The sheet between four corners that a person dragged, and the layouts that a person can choose."""

import cv2
import numpy as np
import pytest

from ecgdesk.ecg.page import Sheet
from ecgdesk.page.mend import cut_out, layout_names
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.templates import TEMPLATES

CORNERS = ((60.0, 40.0), (690.0, 90.0), (650.0, 500.0), (20.0, 440.0))


def checked() -> np.ndarray:
    """600 x 400 pixels of coloured squares."""
    y, x = np.mgrid[0:400, 0:600]
    return np.stack([(x // 50 % 2) * 200 + 20, (y // 50 % 2) * 200 + 20, np.full_like(x, 90)], axis=2).astype(np.uint8)


def test_a_sheet_seen_aslant_comes_out_upright() -> None:
    flat = checked()
    frame = np.array([(0, 0), (600, 0), (600, 400), (0, 400)], np.float32)
    to_photo = cv2.getPerspectiveTransform(frame, np.array(CORNERS, np.float32))
    photo = cv2.warpPerspective(flat, to_photo, (720, 560), borderValue=(10, 10, 10))
    piece, to_scan = cut_out(Sheet(photo, "photo.jpg"), CORNERS)
    assert piece.image.shape[0] == pytest.approx(405, abs=20)
    same = cv2.resize(piece.image, (600, 400), interpolation=cv2.INTER_AREA)
    middles = (slice(25, None, 50), slice(25, None, 50))
    np.testing.assert_allclose(same[middles].astype(int), flat[middles].astype(int), atol=12)
    height, width = piece.image.shape[:2]
    for place, corner in zip(((0, 0), (width, 0), (width, height), (0, height)), CORNERS, strict=True):
        x, y, w = to_scan @ [*place, 1.0]
        assert (x / w, y / w) == pytest.approx(corner, abs=0.01)


def test_upright_corners_keep_the_scans_own_pixels() -> None:
    scan = checked()
    piece, to_scan = cut_out(Sheet(scan, "scan.png"), ((100.0, 50.0), (500.0, 50.0), (500.0, 350.0), (100.0, 350.0)))
    np.testing.assert_array_equal(piece.image, scan[50:350, 100:500])
    np.testing.assert_array_equal(to_scan @ [0, 0, 1], [100, 50, 1])


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (3, 2, 1, 0)])
def test_crossed_or_mirrored_corners_are_no_sheet(order: tuple[int, int, int, int]) -> None:
    a, b, c, d = (CORNERS[one] for one in order)
    with pytest.raises(UnreadablePage, match="four corners"):
        cut_out(Sheet(np.zeros((560, 720, 3), np.uint8), "photo.jpg"), (a, b, c, d))


def test_every_layout_has_a_name_of_its_own_and_the_usual_one_stands_first() -> None:
    assert layout_names()[0] == "3x4"
    assert len(layout_names()) == len(TEMPLATES)
