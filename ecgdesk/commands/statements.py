"""`ecgdesk statements`: the catalogue with its criteria and sources, one statement a paragraph."""

from ecgdesk.ecg.statements import catalogue


def show() -> int:
    for statement in catalogue().values():
        codes = f", SCP {' '.join(statement.scp)}" if statement.scp else ""
        print(f"{statement.code}  {statement.name}  [{statement.category}, {statement.severity.label}{codes}]")
        if statement.criterion:
            print(f"    {statement.criterion}")
        if statement.sources:
            print(f"    Sources: {'; '.join(statement.sources)}")
    return 0
