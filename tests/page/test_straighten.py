"""Scale, tilt, curl, cropping and orientation of sheets whose true place on the paper is known."""

from pathlib import Path

import numpy as np
import pytest

from ecgdesk.ecg.figure import How
from ecgdesk.ecg.page import Sheet
from ecgdesk.page.decode import decode
from ecgdesk.page.flat import Flat
from ecgdesk.page.grid import find_grid, searched
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.straighten import straighten
from tests.page.drawn import BLUE, GREEN, GREY, PINK, RED, sheet, through, upright

SHARED = Path(__file__).resolve().parents[3] / "shared"
SIZE = (1000, 600)
A_HUNDREDTH_PER_CENT = 1e-4


def _scale(flat: Flat) -> tuple[float, float]:
    assert flat.pixels_per_mm_x.value is not None
    assert flat.pixels_per_mm_y.value is not None
    return flat.pixels_per_mm_x.value, flat.pixels_per_mm_y.value


@pytest.mark.parametrize("ppm", [2.85, 3.937, 5.3, 7.874, 11.81], ids=lambda ppm: f"{ppm * 25.4:.0f}dpi")
def test_scale_is_right_to_a_hundredth_per_cent_at_any_resolution(ppm: float) -> None:
    flat = straighten(sheet(upright(ppm), size=(round(160 * ppm), round(100 * ppm))))
    assert _scale(flat) == pytest.approx((ppm, ppm), rel=A_HUNDREDTH_PER_CENT)


@pytest.mark.parametrize("line", [PINK, RED, GREEN, GREY, BLUE])
def test_scale_is_found_on_a_grid_of_any_colour(line: tuple[int, int, int]) -> None:
    flat = straighten(sheet(upright(6.1), size=SIZE, line=line))
    assert _scale(flat) == pytest.approx((6.1, 6.1), rel=A_HUNDREDTH_PER_CENT)


@pytest.mark.parametrize(
    ("fine", "coarse", "dotted"),
    [(0.5, 0.5, False), (0.0, 1.0, False), (0.8, 1.0, True), (0.1, 0.25, False)],
    ids=["1 mm lines only", "5 mm lines only", "dots", "faint"],
)
def test_one_and_five_millimetre_lines_are_told_apart(fine: float, coarse: float, dotted: bool) -> None:
    flat = straighten(sheet(upright(6.1), size=SIZE, fine=fine, coarse=coarse, dotted=dotted))
    assert _scale(flat) == pytest.approx((6.1, 6.1), rel=2 * A_HUNDREDTH_PER_CENT)


def test_stretched_print_has_a_scale_of_its_own_in_each_direction() -> None:
    flat = straighten(sheet(upright(6.2, 5.9), size=SIZE))
    assert _scale(flat) == pytest.approx((6.2, 5.9), rel=A_HUNDREDTH_PER_CENT)


def test_straight_scan_keeps_its_own_pixels() -> None:
    scan = sheet(upright(6.1), size=SIZE)
    flat = straighten(scan)
    assert not flat.resampled
    assert np.array_equal(flat.image, scan.image)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_sheet_on_its_side_is_turned_until_the_traces_run_across(quarters: int) -> None:
    scan = sheet(upright(6.1), size=SIZE)
    flat = straighten(Sheet(np.ascontiguousarray(np.rot90(scan.image, quarters)), "side"))
    assert any(np.array_equal(image, scan.image) for image in (flat.image, flat.turned().image))


def test_turned_flat_points_at_the_same_place_of_the_scan() -> None:
    flat = straighten(sheet(upright(6.1), size=SIZE))
    width, height = flat.size_mm
    there = flat.to_scan @ [30.0, 20.0, 1.0]
    from_the_other_end = flat.turned().to_scan @ [width - 30.0, height - 20.0, 1.0]
    assert from_the_other_end == pytest.approx(there)


def test_to_scan_leads_from_a_quarter_turned_sheet_to_the_scan() -> None:
    scan = sheet(upright(6.1), size=SIZE)
    side = Sheet(np.ascontiguousarray(np.rot90(scan.image)), "side")
    flat = straighten(side)
    x, y, one = flat.to_scan @ [41.5 / _scale(flat)[0], 23.5 / _scale(flat)[1], 1.0]
    assert np.array_equal(flat.image[23, 41], side.image[int(y / one), int(x / one)])


def _tilted(degrees: float, lean: tuple[float, float], ppm: float = 6.0) -> np.ndarray:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle), 0.0], [-np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    return np.array([[1 / ppm, 0, 2.0], [0, 1 / ppm, 3.0], [lean[0], lean[1], 1.0]]) @ turn


@pytest.mark.parametrize(
    ("degrees", "lean"), [(6.0, (0.0, 0.0)), (-3.0, (1e-4, 0.0)), (2.0, (-5e-5, 2e-4))], ids=["skew", "side", "aslant"]
)
def test_skew_and_perspective_are_undone_with_no_error_on_the_paper(degrees: float, lean: tuple[float, float]) -> None:
    true = _tilted(degrees, lean)
    flat = straighten(sheet(through(true), size=SIZE))
    assert flat.resampled
    assert _spread_mm(flat, true) == pytest.approx([0.0, 0.0], abs=0.03)


@pytest.mark.parametrize("lean", [(3e-4, 0.0), (3e-4, 3e-4)], ids=["side", "corner"])
def test_large_sheet_seen_far_aslant_has_its_grid_though_no_spacing_is_even_over_all_of_it(
    lean: tuple[float, float],
) -> None:
    true = _tilted(3.0, lean, ppm=4.5)
    flat = straighten(sheet(through(true), size=(1300, 860)))
    assert flat.grid_found
    assert _spread_mm(flat, true) == pytest.approx([0.0, 0.0], abs=0.03)


def _spread_mm(flat: Flat, true: np.ndarray) -> np.ndarray:
    """How far the flat sheet's places lie apart from the paper's; where its millimetres begin is open."""
    width, height = flat.size_mm
    page = np.array([(x, y, 1.0) for x in np.linspace(10, width - 10, 5) for y in np.linspace(10, height - 10, 5)]).T
    paper = true @ flat.to_scan @ page
    return np.asarray(np.ptp(paper[:2] / paper[2] - page[:2], axis=1))


def test_curl_is_flattened() -> None:
    def place(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u, v = upright(6.0)(x, y)
        return u + 0.8 * np.sin(v / 30.0), v + 0.9 * np.sin(u / 40.0)

    flat = straighten(sheet(place, size=SIZE))
    again = find_grid(flat.image, searched(flat.image))
    assert again is not None
    assert max(again.bend_mm) < 0.03
    h = again.to_mm.homography / again.to_mm.homography[2, 2]
    assert 1.0 / h[0, 0] == pytest.approx(_scale(flat)[0], rel=2 * A_HUNDREDTH_PER_CENT)


def test_strong_curl_is_flattened_and_said() -> None:
    ppm, width, height = 4.8, 280.0, 170.0

    def place(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        u, v = upright(ppm)(x, y)
        return u + 3.0 * np.sin(2 * np.pi * u / width), v + 5.5 * np.sin(4.1 * u / width + 0.3)

    flat = straighten(sheet(place, size=(round(width * ppm), round(height * ppm))))
    again = find_grid(flat.image, searched(flat.image))
    assert again is not None
    assert max(again.bend_mm) < 0.05
    assert (again.seen > 0).mean() > 0.9
    assert any("strongly curled" in doubt for doubt in flat.doubts)


def test_table_around_the_sheet_is_cropped_and_painted_as_paper() -> None:
    true = _tilted(4.0, (1e-4, 5e-5))
    flat = straighten(sheet(through(true), size=SIZE, paper_mm=(25.0, 12.0, 135.0, 90.0)))
    assert flat.size_mm == pytest.approx((110.0, 78.0), abs=3.0)
    corners = [flat.image[:6, :6], flat.image[:6, -6:], flat.image[-6:, :6], flat.image[-6:, -6:]]
    assert min(int(corner.min()) for corner in corners) > 120


def test_sheet_without_grid_rests_on_the_resolution_that_the_file_states() -> None:
    flat = straighten(sheet(upright(6.0), size=SIZE, line=None, dpi=(152.4, 152.4)))
    assert not flat.grid_found
    assert flat.pixels_per_mm_x.how is How.PRINTED
    assert _scale(flat) == pytest.approx((6.0, 6.0), rel=1e-3)
    assert flat.doubts


def test_sheet_without_grid_or_resolution_is_assumed_and_says_so() -> None:
    flat = straighten(sheet(upright(6.0), size=SIZE, line=None, dpi=(72.0, 72.0)))
    assert flat.pixels_per_mm_x.how is How.ASSUMED
    assert "assumed" in flat.doubts[0]


def _wall() -> np.ndarray:
    return (
        np.random.default_rng(3).normal(128, 50, (60, 80, 3)).clip(0, 255).repeat(10, 0).repeat(10, 1).astype(np.uint8)
    )


@pytest.mark.parametrize(
    "image",
    [np.full((800, 1200, 3), 248, np.uint8), _wall(), np.zeros((40, 60, 3), np.uint8)],
    ids=["blank", "wall", "tiny"],
)
def test_picture_without_grid_or_rows_is_refused(image: np.ndarray) -> None:
    with pytest.raises(UnreadablePage):
        straighten(Sheet(image, "no ecg"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared sample pages are not beside this checkout")
@pytest.mark.parametrize(
    ("condition", "ppm"), [("clean", 7.874), ("bw", 5.9055), ("lowres", 3.937), ("noise", 7.874), ("header", 7.874)]
)
def test_made_pages_have_their_drawn_scale(condition: str, ppm: float) -> None:
    file = min(path for path in (SHARED / "pages" / condition).iterdir() if path.suffix in (".png", ".jpg"))
    flat = straighten(decode(file.read_bytes(), name=file.name)[0])
    assert _scale(flat) == pytest.approx((ppm, ppm), rel=A_HUNDREDTH_PER_CENT)
