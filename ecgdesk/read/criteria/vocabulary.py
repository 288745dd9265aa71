"""Every fact by the name under which the rules call it."""

from collections.abc import Callable, Mapping

from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.atrial_facts import ATRIAL_FACTS
from ecgdesk.read.criteria.chest_order import ORDER_FACTS
from ecgdesk.read.criteria.fact import Fact
from ecgdesk.read.criteria.lead_facts import LEAD_FACTS, LeadFact
from ecgdesk.read.criteria.record_facts import RECORD_FACTS
from ecgdesk.read.criteria.rhythm_facts import RHYTHM_FACTS
from ecgdesk.read.criteria.series_facts import SERIES_FACTS
from ecgdesk.read.criteria.shape_facts import SHAPE_FACTS

OF_RECORD: Mapping[str, Callable[[Evidence], Fact]] = {
    **RECORD_FACTS,
    **RHYTHM_FACTS,
    **ATRIAL_FACTS,
    **SERIES_FACTS,
    **ORDER_FACTS,
}
OF_LEAD: Mapping[str, LeadFact] = {**LEAD_FACTS, **SHAPE_FACTS}
