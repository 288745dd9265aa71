"""What the program says when it will not go on."""


class Refusal(Exception):
    """An input or a request that is refused.

    The message is one sentence for the user: what is wrong, and what to do about it. Each room has its own
    subclasses; anything that is not a Refusal is a bug.
    """
