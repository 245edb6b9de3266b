"""What a model costs: its parameters, and the time per image."""

import time

import torch

from ..models.factory import Model
from ..models.features import one_thread
from .loop import Machine

_WARM, _BATCHES = 2, 10


@torch.inference_mode()
def measure_cost(model: Model, image_size: int, machine: Machine) -> dict[str, float]:
    """Parameters of the whole model, and milliseconds per image from pixels to scores, in batches of random images.

    The minimum over ten batches, as other work on the machine only adds time, after two for warm-up. A batch has 32
    images on a GPU, and 4 on a CPU, where one core computes and larger batches are no faster per image.

    Returns:
        `parameters` and `milliseconds_per_image`, see `results.provenance`.
    """
    parts = torch.nn.ModuleList([model.encoder, model.learner]).to(machine.device).eval()
    batch = 32 if machine.device.type == "cuda" else 4
    images = torch.randint(0, 256, (batch, 3, image_size, image_size), dtype=torch.uint8, device=machine.device)
    seconds = []
    with one_thread():
        for _ in range(_WARM + _BATCHES):
            before = time.perf_counter()
            with machine.precision():
                model.scores(images)
            if machine.device.type == "cuda":
                torch.cuda.synchronize(machine.device)
            seconds.append(time.perf_counter() - before)
    return {"parameters": sum(value.numel() for value in parts.parameters()),
            "milliseconds_per_image": 1000 * min(seconds[_WARM:]) / batch}
