"""All facts of one recording and one patient, worked out when a rule first asks for them."""

from functools import cached_property

from ecgdesk.ecg.lead import STANDARD_ORDER, Lead
from ecgdesk.ecg.reading import Evidence
from ecgdesk.read.criteria.fact import Fact, unknown
from ecgdesk.read.criteria.outcome import Outcome
from ecgdesk.read.criteria.rules import Rules
from ecgdesk.read.criteria.vocabulary import OF_LEAD, OF_RECORD


class PatientFacts:
    """What the expressions of the rules are evaluated on; holds each answer, so that it is worked out once."""

    def __init__(self, evidence: Evidence, rules: Rules) -> None:
        self._evidence = evidence
        self._rules = rules
        self._values: dict[tuple[str, Lead | None], Fact] = {}
        self._outcomes: dict[tuple[str, Lead | None], Outcome] = {}

    def value(self, name: str, lead: Lead | None) -> Fact:
        if (name, lead) not in self._values:
            self._values[name, lead] = self._worked_out(name, lead)
        return self._values[name, lead]

    def condition(self, name: str, lead: Lead | None) -> Outcome:
        if (name, lead) not in self._outcomes:
            named = self._rules.conditions[name]
            outcome = named.test(self, lead)
            if named.words and outcome.truth:
                numbers = ", ".join(outcome.criteria)
                outcome = Outcome(
                    True, outcome.confidence, (f"{named.words} ({numbers})",), outcome.leads, outcome.times
                )
            self._outcomes[name, lead] = outcome
        return self._outcomes[name, lead]

    def has(self, lead: Lead) -> bool:
        return self._evidence.measurements.lead(lead) is not None and lead not in self.unusable

    @cached_property
    def unusable(self) -> dict[Lead, str]:
        """Leads that are shown but too poor to be judged, with the reason."""
        reasons = {}
        for lead in STANDARD_ORDER:
            if self._evidence.measurements.lead(lead) is not None:
                outcome = self._rules.usable(self, lead)
                if outcome.truth is False:
                    reasons[lead] = "; ".join(outcome.criteria)
        return reasons

    def _worked_out(self, name: str, lead: Lead | None) -> Fact:
        if name in self._rules.limits:
            rate = self._evidence.measurements.heart_rate.value
            return self._rules.limits[name].of(self._evidence.patient, lead, rate)
        if name in OF_RECORD:
            return OF_RECORD[name](self._evidence)
        if lead is None:
            return unknown(name, "", "")
        fact = OF_LEAD[name](self._evidence, lead)
        if "unusable" in self.__dict__ and lead in self.unusable:
            return unknown(fact.label, fact.unit, f"lead {lead} is too poor to be judged")
        return fact
