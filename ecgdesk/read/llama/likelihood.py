"""From the log-likelihoods of yes and no to a calibrated probability."""

import math

from ecgdesk.read.llama.bundle import Label
from ecgdesk.read.llama.conversation import NO, YES, label_question, rendered
from ecgdesk.read.llama.sight import Sight


def label_margin(sight: Sight, label: str, *, context: str = "") -> float:
    """ln P(yes) - ln P(no) for the label's question about the page; learn fits the temperature to these."""
    yes, no = sight.log_likelihoods(rendered(label_question(label), context=context), (YES, NO))
    return yes - no


def probability(margin: float, label: Label) -> float:
    """The margin on the scale of probability, with the label's temperature (Guo 2017)."""
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, margin / label.temperature))))
