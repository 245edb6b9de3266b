"""`eufcc serve-api`: suggestions for other programs, by HTTP."""

import socket

from ..core.commands import command, new_parser
from ..core.errors import UserError

MOST_AT_ONCE = 64
"""Requests that are open at a time; a further one is told to come again."""


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc serve-api`."""
    parser = new_parser("serve-api", "Suggest tags to other programs, by HTTP: POST /suggest takes one image, POST "
                        "/suggest-batch several; GET /models says which models answer, GET /healthz whether they do. "
                        "/openapi.json describes it all.", reads="the trained models of DATA, in checkpoints/", writes="nothing",
                        example="eufcc serve-api --data mini --port 8000")
    parser.add_argument("--data", default="mini", help="the data set whose trained models suggest (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="where requests are answered (default: %(default)s)")
    parser.add_argument("--address", default="127.0.0.1", help="network interface to bind (default: this machine alone)")
    parser.add_argument("--images", type=int, default=32, help="most images of a batch (default: %(default)s)")
    parser.add_argument("--megabytes", type=int, default=100, help="most megabytes of a request (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="until a request is ended (default: %(default)s)")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    import uvicorn

    from ..models.features import one_thread
    from .api import Limits, make_api
    from .predictor import load_predictor

    if min(options.images, options.megabytes, options.seconds) <= 0:
        raise UserError(f"--images {options.images}, --megabytes {options.megabytes}, --seconds {options.seconds:g}: expected "
                        "numbers above 0.")
    api = make_api(load_predictor(options.data), Limits(options.megabytes, options.images, options.seconds))
    try:
        listener = socket.create_server((options.address, options.port),
                                        family=socket.AF_INET6 if ":" in options.address else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise UserError(f"Address {options.address}, port {options.port}: cannot be listened to "
                        f"({getattr(error, 'strerror', None) or error}); expected a free port, as in --port 8001.") from None
    with listener, one_thread():  # each core answers requests of its own
        print(f"Suggestions are at http://{options.address}:{options.port}/suggest (Ctrl-C ends the server).", flush=True)
        server = uvicorn.Server(uvicorn.Config(api, log_level="warning", limit_concurrency=MOST_AT_ONCE))
        server.run(sockets=[listener])
