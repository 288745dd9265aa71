"""The tiny Mllama of the tests: the small model of the learning proof, in the shape that `Size` has by itself."""

from ecgdesk.learn.llama_small import Size, make_small

__all__ = ["Size", "make_tiny"]

make_tiny = make_small
