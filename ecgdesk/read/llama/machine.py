"""Can this machine hold the model? Told before anything is loaded."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ecgdesk.read.llama.bundle import Bundle
from ecgdesk.read.llama.memory import GIB, Need, needed
from ecgdesk.read.llama.refusals import ModelUnavailable
from ecgdesk.read.llama.tensors import tensors_in
from ecgdesk.read.llama.verify import base_configuration

# Without a GPU a model of more weights than this would need minutes for a sentence.
MOST_WEIGHTS_ON_CPU = 10**9


class Cuda(Protocol):
    """What is asked of `torch.cuda`."""

    def init(self) -> None: ...

    def mem_get_info(self) -> tuple[int, int]: ...

    def get_device_name(self) -> str: ...


@dataclass(frozen=True)
class Seat:
    """Where the model will run: `device` as torch names it, and what to tell the user of it."""

    device: str
    name: str
    need: Need


def seat(bundle: Bundle, cuda: Cuda) -> Seat:
    """A GPU with room for the bundle, else the CPU for a model that is small.

    Raises ModelUnavailable with the reason: no GPU, a driver that does not fit, a PyTorch without CUDA, or too little
    free memory (needed and free in GiB).
    """
    need, weights = need_of(bundle)
    trouble = _trouble(cuda.init)
    if not trouble:
        try:
            free, _ = cuda.mem_get_info()
        except RuntimeError as error:  # the driver answers, yet nothing of the card is to be had
            raise ModelUnavailable(_sentence(str(error).lower())) from error
        name = cuda.get_device_name()
        if need.total > free:
            raise ModelUnavailable(
                f"{bundle.title} needs {need.total / GIB:.1f} GiB of GPU memory and {free / GIB:.1f} GiB are free on "
                f"{name}; close other programs that use the GPU, or use a larger one."
            )
        return Seat("cuda:0", name, need)
    if weights > MOST_WEIGHTS_ON_CPU:
        raise ModelUnavailable(trouble)
    return Seat("cpu", f"the processor ({os.cpu_count() or 1} cores)", need)


def need_of(bundle: Bundle) -> tuple[Need, int]:
    """What the bundle needs on a GPU, and how many weights its base has. Raises BundleRejected."""
    base = tensors_in(bundle.base)
    adapter = tensors_in(bundle.adapter) if bundle.adapter is not None else {}
    need = needed(
        base.values(),
        adapter.values(),
        base_configuration(bundle),
        context_tokens=bundle.manifest.context_tokens,
    )
    return need, sum(tensor.count for tensor in base.values())


def _trouble(init: Callable[[], None]) -> str:
    """Why CUDA cannot be used, as one sentence; empty when it can."""
    try:
        init()
    except (RuntimeError, AssertionError) as error:
        return _sentence(str(error).lower())
    return ""


def _sentence(said: str) -> str:
    if "not compiled with cuda" in said or "not linked with" in said:
        return "This PyTorch cannot use a GPU; install its CUDA build (the README says how) and start again."
    if "no nvidia driver" in said:
        return "No NVIDIA GPU or no driver for it was found; the Llama needs one with 12 GB and its current driver."
    if "driver" in said and ("too old" in said or "insufficient" in said or "mismatch" in said or "version" in said):
        return "The NVIDIA driver does not fit this PyTorch; update the driver, restart the machine and start again."
    if "out of memory" in said:
        return "The GPU's memory is full; close other programs that use the GPU and start again."
    if "no cuda gpus" in said or "no cuda-capable device" in said or "no device" in said:
        return "No NVIDIA GPU was found; the Llama needs one with 12 GB of memory."
    return f"The GPU cannot be used ({said.splitlines()[0]}); restart the machine, and update its driver if that fails."
