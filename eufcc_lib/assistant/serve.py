"""The assistant as a server on this machine: one page, a session for each `?session=` in its address."""

import secrets
import socket
import threading
from pathlib import Path
from urllib.parse import unquote

import panel as pn
import panel_material_ui as pmui
from tornado.ioloop import PeriodicCallback

from ..core import paths
from ..core.errors import UserError
from ..core.paths import resolve
from .app import Desk, plain_name
from .predictor import Predictor
from .session import folder_session, new_session, session_folder
from .store import Store
from .uploads import add_uploads, read_folder

THIS_MACHINE = ("127.0.0.1", "::1")
"""Addresses from which a browser on this machine comes."""

LOGIN = Path(__file__).with_name("login.html")
"""The page that asks for the password."""

LOOKS = 1000
"""Milliseconds until what another process wrote in the session is seen."""

_STORES: dict[Path, Store] = {}
_LOOKING: dict[Path, PeriodicCallback] = {}
_OPENING = threading.Lock()


def open_store(session: str, root: Path | None = None) -> Store:
    """The session's one store in this process, so that tabs see each other's changes."""
    folder = session_folder(session, root)
    with _OPENING:
        if folder not in _STORES:
            _STORES[folder] = Store(folder)
    return _STORES[folder]


def open_folder(folder: str, root: Path | None = None) -> str:
    """The session of a folder of images, the same at each start; images that it does not have yet are added.

    Raises:
        UserError: the folder holds nothing to read.
    """
    session, uploads = folder_session(resolve(folder)), read_folder(folder)
    store = open_store(session, root)
    added, said = add_uploads(store, uploads)
    print(*said, f"{len(added):,} images of {folder} are new in session {session}; it has {len(store.state.images):,}, "
          f"{store.state.tagged:,} of them tagged.", sep="\n", flush=True)
    return session


def make_page(predictor: Predictor, root: Path | None = None, default: str | None = None,
              user: str | None = None) -> pmui.Page:
    """The page for the session, and on it the image, that the address names.

    Without a session a new one begins, and the address names it. Only a browser on this machine is shown the others,
    whose names are what nobody guesses.

    Args:
        root: folder of the sessions; `data/assistant` if left out.
        default: session for an address that names none.
        user: who decides on this machine. If left out the browser asks for a name, which it keeps; who gives none is the
            user of this machine, or the address of another one.
    """
    location, document = pn.state.location, pn.state.curdoc
    asked = {name: values[0].decode(errors="replace") for name, values in (pn.state.session_args or {}).items()}
    name = asked.get("session", default) or new_session()
    visitor = document.session_context.request.remote_ip
    here = visitor in THIS_MACHINE
    try:
        store = open_store(name, root)
        who = pn.state.user or plain_name(unquote(pn.state.cookies.get("assistant_who", "")))
        desk = Desk(predictor, store, who or (user if here else visitor), asked.get("image", ""), here, asks=not (who or user),
                    exploring=pn.state.cookies.get("assistant_trees") == "yes")
    except UserError as error:
        return say(str(error))
    if store.folder not in _LOOKING:  # in the server's loop, not in a page's: each look there sends its browser a message
        _LOOKING[store.folder] = PeriodicCallback(store.refresh, LOOKS)
        _LOOKING[store.folder].start()
    waiting = threading.Event()

    def refresh() -> None:
        waiting.clear()
        desk.refresh()

    def changed() -> None:
        if document is not pn.state.curdoc and not waiting.is_set():  # of many changes in a row, some are seen together
            waiting.set()
            document.add_next_tick_callback(refresh)
    stop = store.listen(changed)
    pn.state.on_session_destroyed(lambda _: stop())

    def start() -> None:
        if location is not None and not asked.get("session"):
            location.update_query(session=name)
        desk.show_image()
    pn.state.onload(start)  # what is done before, the browser may miss or overwrite
    return desk.see.page


def say(sentence: str) -> pmui.Page:
    """A page with nothing but a sentence."""
    return pmui.Page(title="Annotation assistant", theme_toggle=False,
                     main=[pmui.Alert(object=sentence, severity="error")])


def serve(predictor: Predictor, port: int = 5006, address: str = "127.0.0.1", folder: str | None = None,
          root: Path | None = None, user: str | None = None, password: str | None = None, **options):
    """Serve the page until the process ends, or with `threaded=True` in a thread, which is returned.

    Args:
        address: network interface to bind; the default is this machine alone, any other needs a password.
        folder: with images to begin with, or to go on with.
        root: folder of the sessions.
        user: see `make_page`.
        password: whoever opens the page has to give, with a name of their own choice, which stands beside what they decide.
    Raises:
        UserError: the port is taken, the folder holds nothing to read, other machines could come in without a password.
    """
    if address not in (*THIS_MACHINE, "localhost") and not password:
        raise UserError(f"--address {address}: other machines could read and change every session; expected a --password, too.")
    default = open_folder(folder, root) if folder else None
    try:
        socket.create_server((address, port)).close()
    except OSError as error:
        raise UserError(f"Address {address}, port {port}: cannot be listened to ({error.strerror}); expected a free "
                        "port, as in --port 5007.") from None
    hosts = {address, "localhost", "127.0.0.1"} | ({socket.gethostname()} if address == "0.0.0.0" else set())
    print(f"The annotation assistant is at http://{'localhost' if address == '127.0.0.1' else address}:{port}/ "
          "(Ctrl-C stops it; nothing is lost).", flush=True)
    if password:
        options |= {"basic_auth": password, "cookie_secret": _secret(root), "basic_login_template": str(LOGIN)}
    return pn.serve({"/": lambda: make_page(predictor, root, default, user)}, port=port, address=address, show=False,
                    websocket_origin=[f"{host}:{port}" for host in hosts], title="Annotation assistant", **options)


def _secret(root: Path | None) -> str:
    """What signs the cookies of who has given the password: the same at each start, so that nobody is sent away by one."""
    file = (root or paths.DATA / "assistant") / ".secret"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text()
