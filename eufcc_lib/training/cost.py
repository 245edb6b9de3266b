"""What a network costs: its parameters, and the time it takes to look at an image."""

import time

import torch

from ..models.features import one_thread
from .loop import Machine

_WARM, _BATCHES = 2, 10


@torch.inference_mode()
def measure_cost(network: torch.nn.Module, image_size: int, machine: Machine) -> dict[str, float]:
    """Parameters of the whole network, and milliseconds an image from pixels to scores, in batches.

    The least of ten batches, for whatever else a machine does can only add, after two that do not count. On a GPU a
    batch has 32 images; on a CPU, where it is one core that computes, 4 take as long for each. Images are random,
    which costs the same.

    Args:
        network: takes uint8 (B, 3, S, S).
        image_size: S.
    Returns:
        `parameters` and `milliseconds_per_image`, as `results.provenance` takes them.
    """
    network = network.to(machine.device).eval()
    batch = 32 if machine.device.type == "cuda" else 4
    images = torch.randint(0, 256, (batch, 3, image_size, image_size), dtype=torch.uint8, device=machine.device)
    seconds = []
    with one_thread():
        for _ in range(_WARM + _BATCHES):
            before = time.perf_counter()
            with machine.precision():
                network(images)
            if machine.device.type == "cuda":
                torch.cuda.synchronize(machine.device)
            seconds.append(time.perf_counter() - before)
    return {"parameters": sum(value.numel() for value in network.parameters()),
            "milliseconds_per_image": 1000 * min(seconds[_WARM:]) / batch}
