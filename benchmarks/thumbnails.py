"""Downloading thumbnails from a server on this machine, beside img2dataset.

    python benchmarks/thumbnails.py                                          our downloader alone
    python benchmarks/thumbnails.py --img2dataset ENVIRONMENT/bin/python     beside img2dataset
    python benchmarks/thumbnails.py --img2dataset ... --write                also keeps the figures for the book

Every method asks for the same drawn JPEG files, 400 pixels wide, and leaves one file per image. The
server is a process of its own on the same cores. img2dataset (1.47) pins old versions of packages, so
it lives in an environment of its own: `python -m venv ENVIRONMENT && ENVIRONMENT/bin/pip install
img2dataset`. Its time is taken from its own records, so starting its processes does not count; the
better of one process and one per core counts; ours is one process.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from decoding import draw_photographs
from report import report

from eufcc_lib.collection.thumbnails.fetch import fetch_thumbnails
from eufcc_lib.core.hardware import usable_cores
from eufcc_lib.data.records import COLUMNS, ID, URL
from eufcc_lib.data.records_csv import records_from_columns

DRAWN = 200
BASE = "receiving the bytes over connections kept open"


class Handler(BaseHTTPRequestHandler):
    """Serves the n-th drawn file, over and over, as `/<number>.jpg`."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # header and body in one packet
    disable_nagle_algorithm = True

    def do_GET(self):
        body = self.server.files[int(self.path[1:-4]) % len(self.server.files)]
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


def serve(folder: str) -> None:
    """The server's process: says its port, then answers until it is ended."""
    with Server(("127.0.0.1", 0), Handler) as server:
        server.files = [path.read_bytes() for path in sorted(Path(folder).glob("*.jpg"))]
        print(server.server_port, flush=True)
        server.serve_forever()


def receive(urls: list[str], workers: int) -> float:
    """Seconds to receive all answers and keep nothing: the least that the work can cost."""
    host = urls[0].split("/")[2]

    def work(share: list[str]) -> None:
        connection = http.client.HTTPConnection(host)
        for url in share:
            connection.request("GET", url.removeprefix(f"http://{host}"))
            connection.getresponse().read()

    threads = [threading.Thread(target=work, args=(urls[first::workers],)) for first in range(workers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def with_ours(urls: list[str], workers: int, folder: str) -> float:
    columns = {column: [""] * len(urls) for column in COLUMNS}
    columns |= {ID: [f"drawn_{number:06d}" for number in range(len(urls))], URL: urls}
    start = time.perf_counter()
    done = fetch_thumbnails(records_from_columns(columns), tempfile.mkdtemp(dir=folder), workers=workers, rate=None)
    seconds = time.perf_counter() - start
    if done.counts["had"] != len(urls):
        raise SystemExit(f"ours left images out:\n{done}")
    return seconds


def with_img2dataset(python: str, urls: list[str], workers: int, folder: str, **options: object) -> float:
    """From the first to the last moment of its shards, in the better of one process and one per core."""
    return min(_img2dataset(python, urls, workers, processes, folder, options) for processes in {1, usable_cores()})


def _img2dataset(python: str, urls: list[str], workers: int, processes: int, folder: str, options: dict) -> float:
    place = Path(tempfile.mkdtemp(dir=folder))
    table, output = place / "urls.txt", place / "out"
    table.write_text("\n".join(urls) + "\n")
    arguments = {"url_list": str(table), "output_folder": str(output), "processes_count": processes,
                 "thread_count": -(-workers // processes), "resize_mode": "no", "output_format": "files",
                 "number_sample_per_shard": -(-len(urls) // processes), **options}
    code = f"import img2dataset\nif __name__ == '__main__': img2dataset.download(**{arguments!r})"
    script = place / "run.py"
    script.write_text(code)
    run = subprocess.run([python, str(script)], capture_output=True, text=True, check=False, cwd=place)
    stats = [json.loads(path.read_text()) for path in output.glob("*_stats.json")]
    had = sum(shard["successes"] for shard in stats)
    if run.returncode or had != len(urls):
        raise SystemExit(f"img2dataset had {had} of {len(urls)} images:\n{run.stderr[-2000:]}")
    return max(shard["end_time"] for shard in stats) - min(shard["start_time"] for shard in stats)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=4000, help="how many (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=16, help="requests in flight at a time (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times that every method runs (default: %(default)s)")
    parser.add_argument("--img2dataset", metavar="PYTHON", help="interpreter of an environment that has img2dataset")
    parser.add_argument("--write", action="store_true", help="keep the figures in benchmarks/results/thumbnails.json")
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    # All files stay to the end: where many were just deleted, a file system can be slow to make new ones.
    with tempfile.TemporaryDirectory() as drawn, tempfile.TemporaryDirectory() as kept:
        draw_photographs(Path(drawn), DRAWN)
        kilobytes = sum(path.stat().st_size for path in Path(drawn).iterdir()) / DRAWN / 1000
        server = subprocess.Popen([sys.executable, __file__, "--serve", drawn], stdout=subprocess.PIPE, text=True)
        try:
            port = int(server.stdout.readline())
            urls = [f"http://127.0.0.1:{port}/{number}.jpg" for number in range(options.images)]
            compare(urls, kilobytes, kept, options)
        finally:
            server.terminate()
            server.wait()


def compare(urls: list[str], kilobytes: float, folder: str, options: argparse.Namespace) -> None:
    methods: dict[str, Callable[[], float]] = {BASE: lambda: receive(urls, options.workers),
                                               "eufcc_lib (checked, synced to disk)": lambda: with_ours(urls, options.workers, folder)}
    if options.img2dataset:
        methods["img2dataset, files kept as they come"] = lambda: with_img2dataset(
            options.img2dataset, urls, options.workers, folder, disable_all_reencoding=True)
        methods["img2dataset, decoded and encoded again"] = lambda: with_img2dataset(
            options.img2dataset, urls, options.workers, folder)
    else:
        print("img2dataset is left out: no --img2dataset PYTHON was given.")
    seconds = dict.fromkeys(methods, float("inf"))
    for _ in range(options.rounds):
        for name, method in methods.items():
            seconds[name] = min(seconds[name], method())
    rates = {name: len(urls) / spent for name, spent in seconds.items()}
    report("thumbnails", f"{len(urls)} thumbnails ({kilobytes:.0f} kB each) from a server on the same machine, "
           f"{options.workers} at a time", BASE, seconds.pop(BASE), seconds, ("requests", "pillow"), options.write)
    for name, rate in rates.items():
        print(f"{rate:>8,.0f} images/s  {name}")


if __name__ == "__main__":
    main()
