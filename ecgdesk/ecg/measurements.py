"""What was measured on a recording. Absent is NaN in plain numbers and `value=None` in a Figure."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.figure import Figure, not_measurable
from ecgdesk.ecg.lead import Lead

NAN = float("nan")
NOT_MEASURED = not_measurable("ms", "It was not measured.")  # a figure that an older program did not know


class Wave(StrEnum):
    P = "P"
    QRS = "QRS"
    T = "T"


@dataclass(frozen=True)
class Mark:
    """One wave of one beat in one lead, seconds on the record's clock; NaN where an end could not be set."""

    lead: Lead
    wave: Wave
    onset_s: float
    peak_s: float
    offset_s: float


class BeatKind(StrEnum):
    DOMINANT = "dominant"
    VENTRICULAR = "ventricular"  # wide, of another shape than the dominant beat
    SUPRAVENTRICULAR = "supraventricular"  # early, of the dominant shape
    PACED = "paced"
    OTHER = "other"


@dataclass(frozen=True)
class Beat:
    """One heart beat with its global marks (all leads that show it), seconds; NaN where a mark is absent."""

    r_s: float
    kind: BeatKind = BeatKind.DOMINANT
    qrs_onset_s: float = NAN
    qrs_offset_s: float = NAN
    p_onset_s: float = NAN
    p_peak_s: float = NAN
    p_offset_s: float = NAN
    t_peak_s: float = NAN
    t_offset_s: float = NAN


@dataclass(frozen=True)
class LeadMeasures:
    """One lead's dominant beat.

    Amplitudes in mV against the isoelectric level just before QRS onset (P: before P onset), signed; durations and
    times in ms; areas in mV ms. A deflection counts from 30 uV and 12 ms on (IEC 60601-2-51, Annex GG).
    """

    lead: Lead
    beats: int = 0
    noise_uv: float = NAN
    p_mv: float = NAN
    p_terminal_mv: float = NAN  # the negative end of a biphasic P, negative
    p_terminal_ms: float = NAN
    q_mv: float = NAN
    q_ms: float = NAN
    r_mv: float = NAN
    r_ms: float = NAN
    s_mv: float = NAN
    s_ms: float = NAN
    r2_mv: float = NAN  # R'
    r2_ms: float = NAN
    s2_mv: float = NAN  # S'
    j_mv: float = NAN
    st20_mv: float = NAN
    st40_mv: float = NAN
    st60_mv: float = NAN
    st80_mv: float = NAN
    t_mv: float = NAN  # the larger phase, signed
    t_other_mv: float = NAN  # the smaller phase of a biphasic T
    p_area_mv_ms: float = NAN
    qrs_area_mv_ms: float = NAN
    t_area_mv_ms: float = NAN
    r_peak_time_ms: float = NAN
    qrs_notches: int = 0


@dataclass(frozen=True, eq=False)
class MedianBeat:
    """The representative beat.

    `signal`: float32[12, m], mV at SAMPLING_RATE_HZ, NaN rows for absent leads; `r_index`: sample of the R peak.
    The marks are global, in samples of `signal`, NaN where absent.
    """

    signal: NDArray[np.float32]
    r_index: int
    p_onset: float = NAN
    p_offset: float = NAN
    qrs_onset: float = NAN
    qrs_offset: float = NAN
    t_peak: float = NAN
    t_offset: float = NAN


@dataclass(frozen=True)
class Rhythm:
    """Features of the rhythm, from the longest strips; NaN when they cannot be had.

    `p_share`: share of QRS complexes with a P wave of the usual shape before them. `pr_sd_ms`: beat-to-beat spread of
    PR. `rmssd_ratio`: RMSSD over mean RR. `atrial_rate`: 1/min. `fibrillation_ratio`: share of the QRST-cancelled
    signal's power between 4 and 9 Hz. `flutter_hz`: frequency of a dominant, peaked atrial line, and
    `flutter_ratio` its share of power. `spikes_s`: pacing spikes. `p_times_s`: every P wave found, conducted or not.
    """

    rr_s: tuple[float, ...] = ()
    p_share: float = NAN
    pr_sd_ms: float = NAN
    rmssd_ratio: float = NAN
    atrial_rate: float = NAN
    fibrillation_ratio: float = NAN
    flutter_hz: float = NAN
    flutter_ratio: float = NAN
    spikes_s: tuple[float, ...] = ()
    p_times_s: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Measurements:
    """Everything measured on one recording."""

    heart_rate: Figure  # bpm, 60000 over the mean RR of all beats
    rr_mean: Figure  # ms
    rr_sd: Figure  # ms
    p_duration: Figure  # ms
    pr: Figure  # ms
    qrs: Figure  # ms
    qt: Figure  # ms
    jt: Figure  # ms
    qtc_bazett: Figure  # ms
    qtc_fridericia: Figure
    qtc_framingham: Figure
    qtc_hodges: Figure
    p_axis: Figure  # degrees, -180 to 180
    qrs_axis: Figure
    t_axis: Figure
    einthoven: Figure  # %, rms of I + III - II over rms of II; nothing but digitisation or lead labels can raise it
    beats: tuple[Beat, ...] = ()
    leads: tuple[LeadMeasures, ...] = ()  # the leads that are present
    marks: tuple[Mark, ...] = ()
    rhythm: Rhythm = field(default_factory=Rhythm)
    median_beat: MedianBeat | None = None
    rhythm_lead: Lead | None = None  # the lead with the longest good strip
    # ms, from where the first quarter of the leads has begun to where the last quarter ends: normal people have 96
    # (82 to 113) so, near the published norms of carts, where `qrs`, from the outermost marks, has 102 (89 to 119)
    qrs_typical: Figure = NOT_MEASURED
    qtc_formula: str = ""  # "Bazett" or "Fridericia": which of the QTc applies at this rate; empty without a rate

    def lead(self, lead: Lead) -> LeadMeasures | None:
        return next((m for m in self.leads if m.lead is lead), None)
