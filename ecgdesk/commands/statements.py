"""`ecgdesk statements`: the catalogue with its criteria and sources, one statement a paragraph."""

from ecgdesk.ecg.statements import catalogue
from ecgdesk.read.criteria.reader import WITHOUT_RULE
from ecgdesk.read.criteria.rules import rules


def show() -> int:
    made = {rule.code for rule in rules().rules} | WITHOUT_RULE
    for statement in catalogue().values():
        codes = f", SCP {' '.join(statement.scp)}" if statement.scp else ""
        print(f"{statement.code}  {statement.name}  [{statement.category}, {statement.severity.label}{codes}]")
        if statement.criterion:
            print(f"    {statement.criterion}")
        if statement.sources:
            print(f"    Sources: {'; '.join(statement.sources)}")
        if statement.code not in made:
            print("    The criteria reader never makes this statement; it is there for people and other readers.")
    return 0
