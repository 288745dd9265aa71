"""How much one file may ask for."""

MAX_PIXELS = 80_000_000  # one sheet: A3 at 600 dpi has 70 million
MAX_SHEETS = 50  # one file
MAX_FILE_PIXELS = 300_000_000  # all sheets of one file: 900 MB as RGB
PLAUSIBLE_DPI = (40.0, 2400.0)  # what a file states outside of this is no resolution
