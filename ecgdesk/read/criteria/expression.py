"""The small language in which the rules are written.

An expression is read once and turned into a function of the facts; anything outside this table is refused, so that a
typing error in a rule is found when the rules are loaded and never on a patient.

| form | meaning |
|---|---|
| `PR > 200`, `-30 <= QRS_axis <= 90` | comparison of facts, limits and numbers; unknown when a number is missing |
| `a and b`, `a or b`, `not a` | three-valued logic |
| `V1.S + max(V5.R, V6.R)` | a lead's fact; arithmetic; the larger or smaller of several; `abs(x)` |
| `at_least(2, [I, aVL, V5, V6], T <= -0.1)` | in so many of these leads; inside, a fact without a lead is this lead's |
| `adjacent(2, [V1, V2, V3, V4], J >= 0.1)` | in neighbours of the frontal order or of V1 to V6 |
| `all_of([...], c)`, `any_of([...], c)` | in every one that is present, in any |
| `largest([...], R)`, `smallest([...], R)`, `total([...], R)`, `count([...], c)` | over the leads that are present |
| `met(2, a, b, c)` | so many of these conditions |
| `unless(c)` | true but where `c` is met: an exclusion that counts only where it could be measured |
| `sinus_p` | a condition that the rules file defines by name |
"""

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import nan
from typing import Protocol

from ecgdesk.ecg.lead import CHEST_LEADS, FRONTAL_ORDER, LIMB_LEADS, STANDARD_ORDER, Lead
from ecgdesk.read.criteria.fact import Fact, combine, unknown
from ecgdesk.read.criteria.outcome import Outcome, at_least, both, compare, either, opposite, within


class Facts(Protocol):
    """What an expression is evaluated on."""

    def value(self, name: str, lead: Lead | None) -> Fact: ...

    def condition(self, name: str, lead: Lead | None) -> Outcome: ...

    def has(self, lead: Lead) -> bool: ...


Number = Callable[[Facts, Lead | None], Fact]
Condition = Callable[[Facts, Lead | None], Outcome]


@dataclass(frozen=True)
class Vocabulary:
    """The words that an expression may use: facts of the record, facts of a lead, limits, named conditions."""

    facts: Collection[str]
    lead_facts: Collection[str]
    conditions: Collection[str]


class BadExpression(ValueError):
    """A rule that cannot be read; says which part and what was expected."""


def condition(text: str, words: Vocabulary) -> Condition:
    """`text` as a function of the facts to an Outcome. Raises BadExpression."""
    return _Reader(text, words).condition(_parsed(text))


_LEADS: Mapping[str, Lead] = {lead.value: lead for lead in Lead}
_GROUPS: Mapping[str, tuple[Lead, ...]] = {"LIMB": LIMB_LEADS, "CHEST": CHEST_LEADS, "ALL": STANDARD_ORDER}
_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
_ARITHMETIC: Mapping[type[ast.operator], tuple[str, Callable[[float, float], float]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("·", operator.mul),
    ast.Div: ("/", lambda a, b: a / b if b else nan),
}


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(" ".join(text.split()), mode="eval").body
    except SyntaxError as error:
        raise BadExpression(f"not an expression: {text!r}") from error


class _Reader:
    """Turns the syntax tree of one rule into closures."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        self._text = text
        self._words = words

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self.condition(value) for value in values]
                gather = both if isinstance(op, ast.And) else either
                return lambda facts, lead: gather([part(facts, lead) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.condition(operand)
                return lambda facts, lead: opposite(inner(facts, lead))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self._comparison([left, *comparators], ops)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._over_leads(name, args)
            case ast.Name(id=name) if name in self._words.conditions:
                return lambda facts, lead: facts.condition(name, lead)
        raise self._bad(node, "a condition")

    def number(self, node: ast.expr) -> Number:
        match node:
            case ast.Constant(value=int() | float() as value):
                constant = Fact(float(value))
                return lambda facts, lead: constant
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                negative = Fact(-float(value))
                return lambda facts, lead: negative
            case ast.Name(id=name) if name in self._words.facts:
                return lambda facts, lead: facts.value(name, None)
            case ast.Name(id=name) if name in self._words.lead_facts:
                return lambda facts, lead: facts.value(name, lead)
            case ast.Attribute(value=ast.Name(id=lead_name), attr=name) if (
                lead_name in _LEADS and name in self._words.lead_facts
            ):
                return lambda facts, lead: facts.value(name, _LEADS[lead_name])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                sign, operation = _ARITHMETIC[type(op)]
                a, b = self.number(left), self.number(right)
                return lambda facts, lead: combine(a(facts, lead), b(facts, lead), sign, operation)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._called_number(name, args)
        raise self._bad(node, "a number")

    def _comparison(self, nodes: list[ast.expr], ops: list[ast.cmpop]) -> Condition:
        if not all(type(op) in _SIGNS for op in ops):
            raise self._bad(nodes[0], "one of > >= < <= == !=")
        numbers = [self.number(node) for node in nodes]
        signs = [_SIGNS[type(op)] for op in ops]
        if len(signs) == 1:
            left, right = numbers
            return lambda facts, lead: compare(left(facts, lead), signs[0], right(facts, lead))
        if len(signs) == 2 and all(sign in "<≤" for sign in signs):
            low, middle, high = numbers
            return lambda facts, lead: within(
                low(facts, lead), signs[0], middle(facts, lead), signs[1], high(facts, lead)
            )
        raise self._bad(nodes[0], "a comparison of two, or low < value < high")

    def _over_leads(self, name: str, args: list[ast.expr]) -> Condition:
        match name, args:
            case "at_least", [ast.Constant(value=int() as wanted), leads, inner]:
                among, test = self._leads(leads), self.condition(inner)
                return lambda facts, lead: at_least(wanted, _in_each(among, test, facts))
            case "any_of", [leads, inner]:
                among, test = self._leads(leads), self.condition(inner)
                return lambda facts, lead: either(_in_each(among, test, facts))
            case "met", [ast.Constant(value=int() as wanted), *conditions] if len(conditions) >= wanted:
                tests = [self.condition(one) for one in conditions]
                return lambda facts, lead: at_least(wanted, [test(facts, lead) for test in tests])
            case "unless", [inner]:
                excluded = self.condition(inner)
                return lambda facts, lead: _unless(excluded(facts, lead))
            case "all_of", [leads, inner]:
                among, test = self._leads(leads), self.condition(inner)
                return lambda facts, lead: both(_in_each(among, test, facts) or [Outcome(None)])
            case "adjacent", [ast.Constant(value=int() as wanted), leads, inner]:
                runs, test = _neighbourhoods(self._leads(leads), wanted), self.condition(inner)
                return lambda facts, lead: either([both(_in_each(run, test, facts, absent=True)) for run in runs])
        raise BadExpression(
            f"{name}(...) is not one of at_least, any_of, all_of, adjacent, met, unless in {self._text!r}"
        )

    def _called_number(self, name: str, args: list[ast.expr]) -> Number:
        if name in ("max", "min") and args:
            parts = [self.number(arg) for arg in args]
            pick = max if name == "max" else min
            return lambda facts, lead: _picked([part(facts, lead) for part in parts], pick)
        if name == "abs" and len(args) == 1:
            inner = self.number(args[0])
            return lambda facts, lead: _absolute(inner(facts, lead))
        if name in ("largest", "smallest", "total") and len(args) == 2:
            among, part = self._leads(args[0]), self.number(args[1])
            gather = {"largest": lambda f: _picked(f, max), "smallest": lambda f: _picked(f, min), "total": _total}[
                name
            ]
            return lambda facts, lead: gather([part(facts, one) for one in among if facts.has(one)])
        if name == "count" and len(args) == 2:
            among, test = self._leads(args[0]), self.condition(args[1])
            return lambda facts, lead: Fact(float(sum(o.truth is True for o in _in_each(among, test, facts))), "leads")
        raise BadExpression(f"{name}(...) is not a number in {self._text!r}")

    def _leads(self, node: ast.expr) -> tuple[Lead, ...]:
        match node:
            case ast.Name(id=name) if name in _GROUPS:
                return _GROUPS[name]
            case ast.List(elts=elements):
                names = [element.id for element in elements if isinstance(element, ast.Name)]
                if len(names) == len(elements) and all(name in _LEADS for name in names):
                    return tuple(_LEADS[name] for name in names)
        raise self._bad(node, "a list of leads, or LIMB, CHEST, ALL")

    def _bad(self, node: ast.expr, expected: str) -> BadExpression:
        return BadExpression(f"{ast.unparse(node)!r} is not {expected}, in {self._text!r}")


def _unless(excluded: Outcome) -> Outcome:
    """An exclusion that is not met is no news for the reader of the report, so it leaves no text."""
    return replace(excluded, truth=False) if excluded.truth else Outcome(True)


def _in_each(among: tuple[Lead, ...], test: Condition, facts: Facts, *, absent: bool = False) -> list[Outcome]:
    """The test in each lead; a lead that is not there is left out, or counts as unknown where `absent`."""
    outcomes = []
    for lead in among:
        if facts.has(lead):
            outcome = test(facts, lead)
            outcomes.append(replace(outcome, leads=(lead,)) if outcome.truth else outcome)
        elif absent:
            outcomes.append(Outcome(None, missing=(f"lead {lead} is not on the record",)))
    return outcomes


def _neighbourhoods(among: tuple[Lead, ...], size: int) -> list[tuple[Lead, ...]]:
    """Runs of `size` leads of `among` that follow each other in the frontal order or among V1 to V6.

    aVR counts as -aVR in the frontal order: where a rule does not name it, I and II are neighbours across it.
    """
    runs = []
    for order in (FRONTAL_ORDER, CHEST_LEADS):
        named = tuple(lead for lead in order if lead in among)
        runs += [named[i : i + size] for i in range(len(named) - size + 1)]
    return [run for run in runs if _close(run)]


def _close(run: tuple[Lead, ...]) -> bool:
    for order in (tuple(lead for lead in FRONTAL_ORDER if lead is not Lead.AVR), FRONTAL_ORDER, CHEST_LEADS):
        if all(lead in order for lead in run):
            places = [order.index(lead) for lead in run]
            if all(b - a == 1 for a, b in pairwise(places)):
                return True
    return False


def _picked(facts: list[Fact], pick: Callable[..., Fact]) -> Fact:
    known = [fact for fact in facts if fact.known]
    if not known:
        return facts[0] if facts else unknown("", "", "no lead shows it")
    return pick(known, key=lambda fact: fact.value)


def _total(facts: list[Fact]) -> Fact:
    known = [fact for fact in facts if fact.known]
    if not known:
        return unknown("", "", "no lead shows it")
    value, sd = sum(fact.value for fact in known), sum(fact.sd**2 for fact in known) ** 0.5
    return Fact(value, "sum of " + ", ".join(fact.label for fact in known), known[0].unit, sd)


def _absolute(fact: Fact) -> Fact:
    return replace(fact, value=abs(fact.value), label=f"|{fact.label}|")
