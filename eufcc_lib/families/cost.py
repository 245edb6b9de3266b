"""What a network costs: its parameters, and the time it takes to look at an image."""

import time

import torch

from ..fitting import Machine

_BATCH = 32
_SECONDS = 0.5


@torch.inference_mode()
def measure_cost(network: torch.nn.Module, image_size: int, machine: Machine) -> dict[str, float]:
    """Parameters of the whole network, and milliseconds an image from pixels to scores, in batches of 32.

    The best of some batches after one that does not count; images are random, which costs the same.

    Args:
        network: takes uint8 (B, 3, S, S).
        image_size: S.
    Returns:
        `parameters` and `milliseconds_per_image`, as `results.provenance` takes them.
    """
    network = network.to(machine.device).eval()
    images = torch.randint(0, 256, (_BATCH, 3, image_size, image_size), dtype=torch.uint8, device=machine.device)
    best, start, batches = float("inf"), time.perf_counter(), 0
    while batches < 2 or time.perf_counter() - start < _SECONDS:
        before = time.perf_counter()
        with machine.precision():
            network(images)
        if machine.device.type == "cuda":
            torch.cuda.synchronize(machine.device)
        best = min(best, time.perf_counter() - before) if batches else best
        batches += 1
    return {"parameters": sum(value.numel() for value in network.parameters()),
            "milliseconds_per_image": 1000 * best / _BATCH}
