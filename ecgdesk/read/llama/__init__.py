"""The Llama reader: a quantised Llama 3.2 Vision with a LoRA adapter that reads the page, in a process of its own.

Only `loading`, `sight`, `decoding` and `serve` know of torch; everything else runs without the extra `[llama]`. The
window and the command line speak to the process of `serve` alone, through `process`.
"""
