"""Names of leads, paper speed and gain as they are printed on the sheet.

A small fully convolutional network looks at the working ink of the whole page at once and says, every 0.8 mm, what
is printed with its centre there: one of PRINTED or nothing; so a name that touches the trace is read like any other.
It is trained by `ecgdesk/learn/train_names.py`; its card lies beside it in `resources/models/names/`.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.resources import resource
from ecgdesk.page.working import WORKING_PPM

F32 = NDArray[np.float32]

SPEEDS = {"25mm/s": 25.0, "50mm/s": 50.0}
GAINS = {"5mm/mV": 5.0, "10mm/mV": 10.0, "20mm/mV": 20.0}
SHORT: tuple[str, ...] = tuple(lead.value for lead in STANDARD_ORDER)
PRINTED: tuple[str, ...] = (*SHORT, *SPEEDS, *GAINS)
STRIDE = 4  # working pixels between two answers of the network
_CELL_MM = STRIDE / WORKING_PPM
_LEAST_TEXT = 0.15  # probability of any text from which on a place is a candidate
_MOST_TEXTS = 150  # a page of ECG holds a dozen names and few dozen words; a page of dust holds no more worth a look
_APART_CELLS = 5  # two texts' centres are farther apart than half of this


@dataclass(frozen=True, eq=False)
class Name:
    """One printed text: its centre (of a speed or gain: its number's) and size in mm.

    `log_p`: float32[len(PRINTED) + 1], log-probabilities of what it says; the last stands for "none of these".
    """

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    log_p: F32

    @property
    def text(self) -> str:
        return PRINTED[int(self.log_p[:-1].argmax())]

    @property
    def left_mm(self) -> float:
        return self.x_mm - self.width_mm / 2

    def odds(self, lead: Lead) -> float:
        """Natural logarithm of the odds that this is `lead`'s name against that it is no name at all."""
        return float(self.log_p[lead.row] - self.log_p[-1])


def find_names(ink: NDArray[np.uint8]) -> tuple[Name, ...]:
    """Every place of working ink (uint8[h, w] at WORKING_PPM) where a lead name, a speed or a gain may be printed."""
    answer = _look(ink)
    logits, boxes = answer[: len(PRINTED) + 1], answer[len(PRINTED) + 1 :]
    log_p = logits - np.logaddexp.reduce(logits, axis=0)
    text = 1.0 - np.exp(log_p[-1])
    peaks = np.argwhere((text >= _LEAST_TEXT) & (text == maximum_filter(text, size=_APART_CELLS)))
    surest = sorted(peaks, key=lambda at: -float(text[at[0], at[1]]))[:_MOST_TEXTS]
    return tuple(_name(log_p, boxes, row, column) for row, column in surest)


def _name(log_p: F32, boxes: F32, row: int, column: int) -> Name:
    dx, dy, wide, tall = boxes[:, row, column]
    return Name(
        x_mm=float(column + 0.5 + np.clip(dx, -2, 2)) * _CELL_MM,
        y_mm=float(row + 0.5 + np.clip(dy, -2, 2)) * _CELL_MM,
        width_mm=float(np.exp(np.clip(wide, 0, 6))) / WORKING_PPM,
        height_mm=float(np.exp(np.clip(tall, 0, 5))) / WORKING_PPM,
        log_p=np.asarray(log_p[:, row, column], dtype=np.float32),
    )


def _look(ink: NDArray[np.uint8]) -> F32:
    """The network's answer, float32[len(PRINTED) + 5, ceil(h/STRIDE), ceil(w/STRIDE)]."""
    height, width = ink.shape
    padded = np.zeros((-(-height // STRIDE) * STRIDE, -(-width // STRIDE) * STRIDE), np.float32)
    padded[:height, :width] = ink / np.float32(255)
    answer = _network().run(None, {"ink": padded[None, None]})[0][0]
    return np.asarray(answer, dtype=np.float32)


@cache
def _network() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # pages are read side by side; threads within one only get in the way
    options.log_severity_level = 3
    path = resource("models/names/names.onnx")
    return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])
