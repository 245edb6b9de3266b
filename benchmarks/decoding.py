"""From an image file to the pixels of a model on one core, beside Pillow, torchvision and OpenCV.

    python benchmarks/decoding.py                      200 drawn JPEG files, as wide as Europeana's thumbnails
    python benchmarks/decoding.py --images FOLDER      the first 200 JPEG files of a folder
    python benchmarks/decoding.py --write              also keeps the figures for the book

Every method decodes, resizes the shorter side to 256 (bilinear, antialiased) and crops the central
224 pixels as uint8 (3, 224, 224). Ours also checks the file and its size, and turns it upright.
"""

import argparse
import importlib.util
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from report import report
from torchvision.io import ImageReadMode, decode_image, decode_jpeg
from torchvision.transforms.v2 import functional

from eufcc_lib.data.images.transforms import Transform, read_image

TRANSFORM = Transform()
IMAGES = 200
ROUNDS = 9


def draw_photographs(folder: Path, count: int = IMAGES) -> None:
    """JPEG files 400 pixels wide, of smooth colours with fine grain, about 45 kB each."""
    rng = np.random.default_rng(0)
    for number in range(count):
        width, height = 400, int(rng.integers(260, 600))
        coarse = Image.fromarray(rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8))
        grain = rng.normal(0, 6, (height, width, 3))
        smooth = np.asarray(coarse.resize((width, height), Image.BICUBIC))
        Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(folder / f"{number}.jpg", quality=85)


def with_pillow(path: Path) -> torch.Tensor:
    image = Image.open(path).convert("RGB")
    scale = 256 / min(image.size)
    width, height = round(image.width * scale), round(image.height * scale)
    left, top = (width - 224) // 2, (height - 224) // 2
    image = image.resize((width, height), Image.BILINEAR).crop((left, top, left + 224, top + 224))
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def with_torchvision(path: Path) -> torch.Tensor:
    pixels = decode_image(str(path), mode=ImageReadMode.RGB)
    return functional.center_crop(functional.resize(pixels, [256], antialias=True), [224, 224]).contiguous()


def with_opencv(path: Path) -> torch.Tensor:
    # Area averaging is the nearest that OpenCV has; its bilinear does not antialias, so the pixels differ.
    import cv2
    cv2.setNumThreads(1)
    image = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    scale = 256 / min(image.shape[:2])
    height, width = round(image.shape[0] * scale), round(image.shape[1] * scale)
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    top, left = (height - 224) // 2, (width - 224) // 2
    return torch.from_numpy(image[top:top + 224, left:left + 224].transpose(2, 0, 1).copy())


def with_ours(path: Path) -> torch.Tensor:
    return read_image(path, TRANSFORM)


def decode_only(path: Path) -> torch.Tensor:
    return decode_jpeg(torch.from_numpy(np.fromfile(path, dtype=np.uint8)), mode=ImageReadMode.RGB)


METHODS = {"eufcc_lib (read_image)": with_ours, "Pillow": with_pillow, "torchvision v2": with_torchvision}
if importlib.util.find_spec("cv2"):
    METHODS["OpenCV (area averaging, other pixels)"] = with_opencv


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="a folder of JPEG files to read instead of drawn ones")
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/results/decoding.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message=".*image decoding and encoding capabilities of TorchVision")
    with tempfile.TemporaryDirectory() as drawn:
        if arguments.images is None:
            draw_photographs(Path(drawn))
        paths = sorted((arguments.images or Path(drawn)).glob("*.jpg"))[:IMAGES]
        if not paths:
            parser.error(f"no *.jpg file in {arguments.images}")
        compare(paths, "drawn, 400 px wide" if arguments.images is None else arguments.images.name, arguments.write)


def compare(paths: list[Path], what: str, write: bool) -> None:
    kilobytes = sum(path.stat().st_size for path in paths) / len(paths) / 1000
    base = "decoding alone (libjpeg-turbo)"
    seconds = least_seconds({base: decode_only, **METHODS}, paths)
    report("decoding", f"{len(paths)} JPEG files ({what}, {kilobytes:.0f} kB each) to 224 x 224 pixels, one core",
           base, seconds.pop(base), seconds, ("torch", "torchvision", "pillow", "opencv-python-headless"), write)
    furthest = max((with_ours(path).int() - with_pillow(path).int()).abs().max().item() for path in paths)
    print(f"Ours is {seconds['Pillow'] / seconds['eufcc_lib (read_image)']:.2f} times as fast as Pillow, "
          f"{len(paths) / seconds['eufcc_lib (read_image)']:,.0f} images/s; pixels differ by at most {furthest} of 255.")


def least_seconds(methods: dict[str, Callable], paths: list[Path]) -> dict[str, float]:
    """Seconds for all files: each file's least time over the rounds, summed.

    A millisecond fits between two disturbances where a whole pass does not, and the methods take
    turns at each file, so that a busy machine troubles all alike.
    """
    least = {name: np.full(len(paths), np.inf) for name in methods}
    for _ in range(ROUNDS):
        for place, path in enumerate(paths):
            for name, method in methods.items():
                start = time.perf_counter()
                method(path)
                least[name][place] = min(least[name][place], time.perf_counter() - start)
    return {name: float(times.sum()) for name, times in least.items()}


if __name__ == "__main__":
    main()
