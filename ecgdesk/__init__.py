"""ecgdesk: an offline reading desk for paper 12-lead ECGs."""

import os

__version__ = "0.1.0"

# Pages are read side by side, a process a core. OpenBLAS reads this once, when NumPy is first imported: its threads
# within each process only wait for one another, and a page takes half as long again.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
