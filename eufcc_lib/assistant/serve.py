"""The assistant as a server on this machine: one page, a session for each `?session=` in its address."""

import socket
import threading
from pathlib import Path

import panel as pn
import panel_material_ui as pmui

from ..core.errors import UserError
from .app import Desk
from .predictor import Predictor
from .session import Store, new_session, session_folder
from .uploads import add_uploads, read_folder

_STORES: dict[Path, Store] = {}
_OPENING = threading.Lock()


def open_store(session: str, root: Path | None = None) -> Store:
    """The session's one store in this process, so that tabs see each other's changes."""
    folder = session_folder(session, root)
    with _OPENING:
        if folder not in _STORES:
            _STORES[folder] = Store(folder)
    return _STORES[folder]


def make_page(predictor: Predictor, root: Path | None = None, default: str | None = None) -> pmui.Page:
    """The page for the session that the address names; without one a new session begins, and the address names it.

    Args:
        root: folder of the sessions; `data/assistant` if left out.
        default: session for an address that names none.
    """
    location, document = pn.state.location, pn.state.curdoc
    asked = [value.decode() for value in pn.state.session_args.get("session", [])] if pn.state.session_args else []
    name = asked[0] if asked else default or new_session()
    try:
        store = open_store(name, root)
        desk = Desk(predictor, store)
    except UserError as error:
        return say(str(error))
    stop = store.listen(lambda: document is pn.state.curdoc or document.add_next_tick_callback(desk.refresh))
    pn.state.on_session_destroyed(lambda _: stop())

    def start() -> None:
        if location is not None and not asked:
            location.update_query(session=name)
        desk.show_image()
    pn.state.onload(start)  # what is done before, the browser may miss or overwrite
    return desk.see.page


def say(sentence: str) -> pmui.Page:
    """A page with nothing but a sentence."""
    return pmui.Page(title="Annotation assistant", theme_toggle=False,
                     main=[pmui.Alert(object=sentence, severity="error")])


def serve(predictor: Predictor, port: int = 5006, address: str = "127.0.0.1", folder: str | None = None,
          root: Path | None = None, **options):
    """Serve the page until the process ends, or with `threaded=True` in a thread, which is returned.

    Args:
        address: network interface to bind; the default is this machine alone.
        folder: with images to begin with.
        root: folder of the sessions.
    Raises:
        UserError: the port is taken, the folder holds nothing to read.
    """
    default = None
    if folder:
        default = new_session()
        added, said = add_uploads(open_store(default, root), read_folder(folder))
        print(*said, f"{len(added):,} images of {folder} are in session {default}.", sep="\n", flush=True)
    try:
        socket.create_server((address, port)).close()
    except OSError as error:
        raise UserError(f"Address {address}, port {port}: cannot be listened to ({error.strerror}); expected a free "
                        "port, as in --port 5007.") from None
    hosts = {address, "localhost", "127.0.0.1"} | ({socket.gethostname()} if address == "0.0.0.0" else set())
    print(f"The annotation assistant is at http://{'localhost' if address == '127.0.0.1' else address}:{port}/ "
          "(Ctrl-C stops it; nothing is lost).", flush=True)
    return pn.serve({"/": lambda: make_page(predictor, root, default)}, port=port, address=address, show=False,
                    websocket_origin=[f"{host}:{port}" for host in hosts], title="Annotation assistant", **options)
