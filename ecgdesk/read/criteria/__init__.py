"""The embedded reader: published criteria over measurements."""

from ecgdesk.read.criteria.reader import CriteriaReader

__all__ = ["CriteriaReader"]
