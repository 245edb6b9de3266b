"""The assistant as a server on this machine: one page, a session for each `?session=` in its address."""

import secrets
import socket
import threading
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote

import panel as pn
import panel_material_ui as pmui
from tornado.ioloop import PeriodicCallback

from ..core import paths
from ..core.errors import UserError
from .app import Desk, plain_name
from .predictor import Predictor
from .session import new_session, session_folder
from .sources import add_source, source_session
from .store import Store

THIS_MACHINE = ("127.0.0.1", "::1")
"""Addresses from which a browser on this machine comes."""

LOGIN = Path(__file__).with_name("login.html")
"""The page that asks for the password."""

LOOKS = 1000
"""Milliseconds until what another process wrote in the session is seen."""

@dataclass
class _Opened:
    """A session that pages show: its store, their number, and what looks for changes of other processes."""

    store: Store
    users: int = 0
    looking: PeriodicCallback | None = None


_OPENED: dict[Path, _Opened] = {}
_OPENING = threading.Lock()


def open_store(session: str, root: Path | None = None) -> Store:
    """The session's one store in this process, so that tabs see each other's changes; each call needs its `close_store`."""
    folder = session_folder(session, root)
    with _OPENING:
        opened = _OPENED[folder] = _OPENED.get(folder) or _Opened(Store(folder))
        opened.users += 1
        return opened.store


def close_store(store: Store) -> None:
    """Let a session go; after the last one who opened it nothing of it stays in this process."""
    with _OPENING:
        opened = _OPENED[store.folder]
        opened.users -= 1
        if not opened.users:
            del _OPENED[store.folder]
            if opened.looking:
                opened.looking.stop()
            store.close()


def open_images(source: str, root: Path | None = None) -> str:
    """The session of a folder or a IIIF manifest, the same at each start; images that it does not have yet are added.

    Raises:
        UserError: the source holds nothing to read; see `sources.add_source`.
    """
    session = source_session(source)
    store = open_store(session, root)
    try:
        added, said = add_source(store, source)
        print(*said, f"{len(added):,} images of {source} are new in session {session}; it has {len(store.state.images):,}, "
              f"{store.state.tagged:,} of them tagged.", sep="\n", flush=True)
    finally:
        close_store(store)
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
    except UserError as error:
        return say(str(error))
    pn.state.on_session_destroyed(lambda _: close_store(store))
    try:
        who = pn.state.user or (user if here and user else plain_name(unquote(pn.state.cookies.get("assistant_who", ""))))
        desk = Desk(predictor, store, who or (None if here else visitor), asked.get("image", ""), here, asks=not who,
                    exploring=pn.state.cookies.get("assistant_trees") == "yes")
    except UserError as error:
        return say(str(error))
    _look_for_changes(store)
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


def _look_for_changes(store: Store) -> None:
    """See what other processes write while a page shows the session."""
    with _OPENING:
        opened = _OPENED[store.folder]
        if not opened.looking:  # in the server's loop, not in a page's: each look there sends its browser a message
            opened.looking = PeriodicCallback(store.refresh, LOOKS)
            opened.looking.start()


def say(sentence: str) -> pmui.Page:
    """A page with nothing but a sentence."""
    return pmui.Page(title="Annotation assistant", theme_toggle=False,
                     main=[pmui.Alert(object=escape(sentence), severity="error")])


def serve(predictor: Predictor, port: int = 5006, address: str = "127.0.0.1", images: str | None = None,
          root: Path | None = None, user: str | None = None, password: str | None = None, **options):
    """Serve the page until the process ends, or with `threaded=True` in a thread, which is returned.

    Args:
        address: network interface to bind; the default is this machine alone, any other needs a password.
        images: a folder or a IIIF manifest, with images to begin with, or to go on with.
        root: folder of the sessions.
        user: see `make_page`.
        password: whoever opens the page has to give, with a name of their own choice, which stands beside what they decide.
    Raises:
        UserError: the port is taken, the images cannot be read, other machines could come in without a password.
    """
    if address not in (*THIS_MACHINE, "localhost") and not password:
        raise UserError(f"--address {address}: other machines could read and change every session; expected a --password, too.")
    default = open_images(images, root) if images else None
    try:
        socket.create_server((address, port)).close()
    except OSError as error:
        raise UserError(f"Address {address}, port {port}: cannot be listened to ({error.strerror}); expected a free "
                        "port, as in --port 5007.") from None
    hosts = {address, "localhost", "127.0.0.1"} | ({socket.gethostname()} if address == "0.0.0.0" else set())
    shown = {"127.0.0.1": "localhost", "0.0.0.0": socket.gethostname()}.get(address, address)
    print(f"The annotation assistant is at http://{shown}:{port}/ (Ctrl-C stops it; nothing is lost).", flush=True)
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
