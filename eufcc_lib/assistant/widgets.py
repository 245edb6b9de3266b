"""What the page is made of and where it stands: widgets without behaviour, which `app` gives them."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from ..core.facets import LANGUAGES
from .connection import Connection
from .explorer import Explorer
from .grid import Grid
from .lesson_view import LessonView
from .picture import PictureView
from .proposals import Proposals
from .styles import STYLES
from .term_search import TermSearch
from .uploads import MAX_BYTES

_LANGUAGES = dict(zip(("English", "Català"), LANGUAGES, strict=True))

_OPEN = {"use_shadow_dom": False}


class Files(pmui.FileInput):
    """The widget, which hands over each file when it has come: those of one choice need no memory and have no limit.

    Attributes:
        take: called with the name of a file and its bytes; where they are more than `MAX_BYTES`, with the first of them.
        finish: called at the end with whether all came; the browser sends nothing of an empty file, and stops at one
            that it cannot read.
    """

    def __init__(self, **params):
        super().__init__(**params)
        self.take: Callable[[str, bytes], None] = lambda name, data: None
        self.finish: Callable[[bool], None] = lambda complete: None
        self._data, self._came = bytearray(), 0

    def _handle_msg(self, msg):
        if msg["status"] == "error":
            self.finish(False)
        else:
            super()._handle_msg(msg)

    def _process_chunk(self, msg):
        if msg["chunk"] == 1:
            self._data.clear()
        if len(self._data) <= MAX_BYTES:
            self._data += msg["data"]
        if msg["chunk"] == msg["total_chunks"]:
            self.take(msg["name"], bytes(self._data))
            self._came += 1

    def _flush_buffer(self):
        self.finish(self._came > 0)
        self._data.clear()
        self._came = 0


class Page(pmui.Page):
    """The page in the document itself, not in a shadow tree, where the arrow keys would not find the trees' rows.

    Only what is made with `_OPEN`, and stands in nothing but the like, is so. Styles then come from `sx` alone.
    """

    def _get_properties(self, doc):
        return {**super()._get_properties(doc), "root_node": "#assistant"}


class Widgets:
    """The widgets of one page.

    Attributes:
        page: all of them, laid out: the image to the left, to the right what is proposed, the search, and the trees.
        parts: those that `scripts` is of.
        labelled, described: by word of `wording`, the widgets whose label or tooltip it is.
    """

    def __init__(self):
        self.progress = _text(STYLES["progress"], margin=(0, 12, 0, 8), align="center")
        self.previous, self.next, self.undo, self.redo = (
            pmui.IconButton(icon=icon, color="light", margin=2, sx=STYLES["button"])
            for icon in ("arrow_back", "arrow_forward", "undo", "redo"))
        self.switch = pmui.RadioButtonGroup(options=_LANGUAGES, size="small", color="light", align="center",
                                            sx=STYLES["switch"])
        self.note = pmui.TextAreaInput(label="", rows=2, sizing_mode="stretch_width", margin=(6, 0),
                                       css_classes=["typed-note"])  # these classes `connection.js` looks for
        self.provider = pmui.TextInput(label="", size="small", sizing_mode="stretch_width", margin=(6, 0),
                                       css_classes=["typed-provider"])
        self.name = _text(STYLES["name"])
        self.hint = _text(STYLES["hint"])
        self.told = pmui.Alert(object="", severity="warning", closeable=True, visible=False,
                               sizing_mode="stretch_width")
        self.uploads = [Files(multiple=True, label="", size="small", margin=4) for _ in range(2)]
        self.folder = Files(directory=True, label="", size="small", variant="outlined", margin=4)
        self.opener = pmui.FileInput(accept=".csv", label="", size="small", variant="outlined", margin=4)
        self.csv = pmui.FileDownload(filename="annotations.csv", label="", size="small", margin=4, css_classes=["save-csv"])
        self.jsonld = pmui.FileDownload(filename="annotations.jsonld", label="", size="small",
                                        margin=4)
        self.sessions = pn.pane.HTML("", sizing_mode="stretch_width", margin=(30, 20), stylesheets=[STYLES["sessions"]])
        self.all_sessions = pn.pane.HTML("", margin=(6, 4))
        self.connection = Connection()
        self.grid = Grid(sizing_mode="stretch_width", margin=0)
        self.picture = PictureView(css_classes=["part-picture"], sizing_mode="stretch_width", margin=0)
        self.proposals = Proposals(css_classes=["part-proposals"], sizing_mode="stretch_width", margin=(0, 8))
        self.search = TermSearch(css_classes=["part-terms"], sizing_mode="stretch_width", margin=(8, 8, 0, 8))
        self.explorer = Explorer(sizing_mode="stretch_width", margin=8)
        self.lessons = LessonView(margin=0)
        self.parts = (self.proposals, self.search, self.explorer, self.grid, self.lessons)
        self.labelled = {"notes": self.note, "csv": self.csv,
                         "provider": self.provider, "jsonld": self.jsonld, "import": self.opener,
                         "add": self.uploads[0], "welcome_add": self.uploads[1], "add_folder": self.folder}
        self.described = {"previous": self.previous, "next": self.next, "undo": self.undo, "redo": self.redo}
        self.page = self._lay_out()

    def show_desk(self, shown: bool) -> None:
        """Show the image and its trees, or the welcome."""
        self.welcome.visible = not shown
        self.desk.css_classes = [] if shown else ["away"]  # `visible` is of the shadow tree that it is not in

    def show_grid(self, shown: bool) -> None:
        """Show the grid, or the desk."""
        self.overview.css_classes = [] if shown else ["away"]
        self.desk.css_classes = ["away"] if shown else []

    def _lay_out(self) -> pmui.Page:
        files = pmui.Column(pmui.Row(self.uploads[0], self.folder), self.provider,
                            pmui.Row(self.csv, self.jsonld, self.opener), self.all_sessions, sizing_mode="stretch_width", margin=0)
        left = pmui.Column(self.picture, self.name, self.note, files, self.hint, sx=STYLES["left"], **_OPEN)
        right = pmui.Column(self.proposals, self.search, self.explorer, sx=STYLES["right"], **_OPEN)
        self.desk = pmui.Row(left, right, css_classes=["away"], sx=STYLES["desk"], **_OPEN)
        self.overview = pmui.Column(self.grid, css_classes=["away"], sizing_mode="stretch_width", **_OPEN)
        self.welcome_text = _text(STYLES["welcome"], margin=(40, 20, 10, 20))
        self.welcome = pmui.Column(self.welcome_text, self.uploads[1], self.sessions, align="center", visible=False)
        return Page(title="", theme_toggle=False, theme_config=STYLES["theme"], sx=STYLES["page"], header=[pmui.Row(
            self.progress, self.previous, self.next, self.undo, self.redo, pn.layout.HSpacer(), self.switch,
            sizing_mode="stretch_width")], main=[self.connection, self.told, self.welcome, self.desk, self.overview, self.lessons])


def _text(style: str, **options) -> pn.pane.HTML:
    """A text; the widget library's own sends what it shows back, at times after the server has changed it."""
    return pn.pane.HTML("", stylesheets=[style], **{"margin": 0} | options)
