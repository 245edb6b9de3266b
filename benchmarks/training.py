"""Does the training loop keep the device busy? Images a second of the real loop beside the bare step.

    python benchmarks/training.py                                   a small network on drawn files
    python benchmarks/training.py --backbone convnext_base.fb_in1k --size 224 --batch 128 --images FOLDER --write
    python benchmarks/training.py --backbone vit_base_patch16_224 --size 224 --batch 128 --compiled

The base is forward, backward and update on one batch that already lies on the device, with random
weights. Ours is the loop of `fitting`, from JPEG files: reading, augmenting, repeating, copying, the
four losses and their bookkeeping. The files are read once before, so that disks play no part.
"""

import argparse
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from decoding import draw_photographs
from report import report
from scipy.sparse import csr_array

from eufcc_lib.core.facets import FACET_NAMES
from eufcc_lib.data.images.loader import ImageDataset, image_loader
from eufcc_lib.data.images.transforms import Transform
from eufcc_lib.data.taxonomy import TOP, Vocabulary, arrange_tree
from eufcc_lib.models.factory import create_model
from eufcc_lib.models.registry import get_model_spec
from eufcc_lib.training.loop import Batches, find_machine, step, train_epoch
from eufcc_lib.training.recipes import get_recipe

TAGS = dict(zip(FACET_NAMES, (894, 269, 33, 7), strict=True))
"""Tags of each facet, as in the official label files."""


def make_learner(options: argparse.Namespace, recipe):
    """The multi-label model with heads as wide as the official vocabulary."""
    spec = get_model_spec("multi_label")
    vocabulary = Vocabulary({facet: arrange_tree(facet, {f"tag {number}": {TOP: 1} for number in range(tags)})
                             for facet, tags in TAGS.items()})
    model = create_model(spec, vocabulary, {facet: np.ones(tags) for facet, tags in TAGS.items()}, backbone=options.backbone,
                         weights="random", frozen=False, image_size=recipe.image_size)
    if recipe.compiled:
        model.compile()
    return model.learner


def bare_steps(learner, optimizer, scaler, machine, recipe, steps: int) -> float:
    """Seconds a step on data that already lies on the device."""
    batch, device = recipe.batch_size, machine.device
    inputs = torch.randint(0, 256, (batch, 3, recipe.image_size, recipe.image_size), dtype=torch.uint8, device=device)
    labels = {facet: torch.rand(batch, tags, device=device) < 4 / tags for facet, tags in TAGS.items()}
    uniform, images = torch.rand(batch, device=device), {facet: torch.tensor(float(batch), device=device) for facet in TAGS}
    learner.train()

    def run(number: int) -> float:
        start = time.perf_counter()
        for _ in range(number):
            step(learner, inputs, labels, uniform, images, optimizer, scaler, machine)
        if device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start

    run(3)
    return run(steps) / steps


def real_steps(learner, optimizer, scaler, machine, recipe, files: list[Path], steps: int) -> float:
    """Seconds a step of the real loop, after an epoch that does not count."""
    files = list(itertools.islice(itertools.cycle(files), steps * recipe.batch_size))
    loader = image_loader(ImageDataset(files, Transform(size=recipe.image_size, augment=True)), recipe.batch_size, shuffle=True,
                          repeats=recipe.repeats, pin_memory=machine.device.type == "cuda")
    rng = np.random.default_rng(0)
    labels = {facet: csr_array(rng.random((len(files), tags)) < 4 / tags) for facet, tags in TAGS.items()}
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)
    seconds = []
    for epoch in range(2):
        start = time.perf_counter()
        train_epoch(learner, Batches(loader, labels), optimizer, schedule, scaler, recipe, 0, epoch, machine)
        seconds.append((time.perf_counter() - start) / len(loader))
    return seconds[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="tf_efficientnet_lite0", help="a timm model (default: %(default)s)")
    parser.add_argument("--size", type=int, default=128, help="side of the images in pixels (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=32, help="images a step (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=20, help="steps that are timed (default: %(default)s)")
    parser.add_argument("--recipe", default="fast", help="paper or fast (default: %(default)s)")
    parser.add_argument("--compiled", action="store_true", help="let torch compile the network")
    parser.add_argument("--images", type=Path, help="a folder of JPEG files to read instead of drawn ones")
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/results/training.json")
    options = parser.parse_args()
    recipe = get_recipe(options.recipe, batch_size=options.batch, image_size=options.size, compiled=options.compiled)
    machine = find_machine(recipe.precision)
    learner = make_learner(options, recipe).to(machine.device)
    optimizer = torch.optim.AdamW(learner.groups(recipe.weight_decay), lr=1e-4)
    scaler = torch.amp.GradScaler(machine.device.type, enabled=machine.autocast is torch.float16)
    with tempfile.TemporaryDirectory() as drawn:
        if options.images is None:
            draw_photographs(Path(drawn))
        files = sorted((options.images or Path(drawn)).glob("*.jpg"))
        if not files:
            parser.error(f"no *.jpg file in {options.images}")
        bare = bare_steps(learner, optimizer, scaler, machine, recipe, options.steps)
        real = real_steps(learner, optimizer, scaler, machine, recipe, files, options.steps)
    device = torch.cuda.get_device_name() if machine.device.type == "cuda" else "CPU"
    report("training", f"A training step: {options.backbone}, {options.batch} images of {options.size} px, "
                       f"{machine.autocast or torch.float32}, {device}".replace("torch.", ""),
           "forward, backward and update alone", bare, {"the training loop, from files": real}, ("torch", "timm"),
           options.write)
    print(f"{options.batch / real:,.0f} images/s, {bare / real:.1%} of {options.batch / bare:,.0f} images/s")


if __name__ == "__main__":
    main()
