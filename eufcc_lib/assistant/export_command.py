"""`eufcc export`: what was decided in a session, as a file for another system."""

from ..core import paths
from ..core.commands import command, new_parser
from ..core.errors import UserError, unknown
from ..core.paths import atomic, resolve
from .state import EVERYBODY, SUGGESTED

FORMATS = ("csv", "provenance", "jsonld", "lido", "table", "iiif")


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc export`."""
    parser = new_parser("export", "Write what was decided in a session of the annotation assistant as a file for another system.",
                        reads="the session in data/assistant/, and the tags of the models in checkpoints/", writes="FILE",
                        example="eufcc export photographs-1a2b3c4d --format lido --out lido.xml")
    parser.add_argument("session", metavar="SESSION", help="its name, as the page's address and `data/assistant` have it")
    parser.add_argument("--format", required=True, choices=FORMATS, help="csv: the official schema; provenance: who decided what, "
                        "beside the csv; jsonld: Web Annotations; lido: XML; table: addresses and labels for a collection system; "
                        "iiif: a manifest with annotations")
    parser.add_argument("--out", required=True, metavar="FILE", help="the file to write")
    parser.add_argument("--without-machine", action="store_true", help="leave out the tags that a model suggested and nobody has "
                        "decided on; a csv never has them")
    parser.add_argument("--origins", nargs="+", choices=EVERYBODY, default=EVERYBODY, metavar="ORIGIN",
                        help=f"only tags of these origins: {', '.join(EVERYBODY)} (default: all)")
    parser.add_argument("--rejections", action="store_true", help="in jsonld, also what was rejected")
    parser.add_argument("--safe", action="store_true", help="make cells of a table harmless that a spreadsheet would execute")
    parser.add_argument("--bom", action="store_true", help="begin a table with the sign by which Excel knows UTF-8")
    parser.add_argument("--data", help="the data set whose models' tags these are (default: that of the models that suggested)")
    options = parser.parse_args(arguments)
    store = _open(options.session)
    try:
        _write(store, options)
    finally:
        store.close()


def _open(session: str):
    from .session import session_folder
    from .store import Store, is_session, list_sessions
    folder = session_folder(session)
    if not is_session(folder):
        known = [progress.session for progress in list_sessions(paths.DATA / "assistant")[0]]
        raise unknown("session", session, known) if known else UserError(
            f"Unknown session {session!r}. There is no session in {paths.DATA / 'assistant'} yet; `eufcc assistant` begins one.")
    return Store(folder)


def _write(store, options) -> None:
    from . import exports
    from .names import name_tags
    state = store.state
    if not state.images:
        raise UserError(f"Session {options.session!r} has no image yet; expected at least one to export.")
    vocabulary = _vocabulary(options.data or _data_of(state))
    names = {facet: name_tags(taxonomy) for facet, taxonomy in vocabulary.taxonomies.items()}
    origins = tuple(origin for origin in options.origins if not (options.without_machine and origin == SUGGESTED))
    leaving, out = exports.Leaving(state, vocabulary, names, options.session, origins), resolve(options.out)
    tables = {"safe": options.safe, "bom": options.bom}
    texts = {"jsonld": lambda: exports.export_jsonld(leaving, options.rejections), "lido": lambda: exports.export_lido(leaving),
             "iiif": lambda: exports.export_iiif(leaving, lambda image: _size(store.folder / "images" / state.images[image].file))}
    try:
        if options.format == "csv":
            exports.export_csv(state, vocabulary, out, origins, **tables)
        elif options.format in texts:
            text = texts[options.format]()
            with atomic(out) as temporary:
                temporary.write_text(text, encoding="utf-8", newline="\n")
        else:
            {"provenance": exports.export_provenance, "table": exports.export_table}[options.format](leaving, out, **tables)
    except OSError as error:
        raise UserError(f"{options.out} cannot be written ({error.strerror}).") from None
    print(f"{len(state.images):,} images, {state.tagged:,} of them tagged, are in {options.out}.",
          *exports.tell_unknown(state, vocabulary), sep="\n")


def _data_of(state) -> str:
    """The data set of the models that suggested last, which their name begins with; the mini museum without any."""
    names = [model.name for model in state.models().values()]
    return names[-1].partition(":")[0] if names else "mini"


def _vocabulary(data: str):
    from ..results.files import data_name
    from ..training.checkpoints import read_model
    found = read_model(data_name(data), "multi_label")
    if not found:
        raise UserError(f"There is no trained 'multi_label' model of {data!r}, whose tags say what is above a tag; expected it in "
                        "checkpoints/, or another data set with --data.")
    return found.vocabulary


def _size(path) -> tuple[int, int]:
    from PIL import Image
    try:
        with Image.open(path) as picture:
            return picture.size
    except OSError as error:
        raise UserError(f"{path}: the image cannot be read ({error}).") from None
