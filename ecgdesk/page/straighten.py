"""Sheet -> Flat: upright to within 180 degrees, straight, its scale measured on the grid."""

from ecgdesk.ecg.page import Sheet
from ecgdesk.page.aslant import first_homography
from ecgdesk.page.contrast import contrasts, reduced
from ecgdesk.page.flat import Flat
from ecgdesk.page.gridmap import GridMap
from ecgdesk.page.lattice import find_lattice
from ecgdesk.page.refusals import UnreadablePage
from ecgdesk.page.resample import flatten

SEARCH_SIDE = 1600  # pixels of the longer side of the image in which the grid is looked for


def straighten(sheet: Sheet) -> Flat:
    """The sheet straightened. Raises UnreadablePage when it shows neither a grid nor traces."""
    small = reduced(sheet.image, scale=SEARCH_SIDE / max(sheet.image.shape))
    found = [(lattice, contrast) for contrast in contrasts(small) if (lattice := find_lattice(contrast)) is not None]
    if not found:
        raise UnreadablePage("No millimetre grid is found; scan the whole sheet, flat and in focus.")
    lattice, contrast = max(found, key=lambda pair: pair[0].score)
    to_mm = GridMap(first_homography(contrast, lattice))
    scale = (sheet.image.shape[1] / small.shape[1], sheet.image.shape[0] / small.shape[0])
    return flatten(sheet, to_mm.scaled(*scale))
