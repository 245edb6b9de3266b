"""What the page is made of and where it stands: widgets without behaviour, which `app` gives them."""

import panel as pn
import panel_material_ui as pmui

from ..core.facets import FACETS, LANGUAGES
from .picture import make_square
from .trees import tree_style

_THEME = {"palette": {"primary": {"main": "#26424f"}},
          "components": {"MuiButtonBase": {"defaultProps": {"disableRipple": True}}}}

# A phone's width has room for all of the header, if each part is content with less.
_PROGRESS = {"color": "inherit", "whiteSpace": {"xs": "normal", "md": "nowrap"}, "fontSize": {"xs": "0.75rem", "md": "1rem"},
             "lineHeight": 1.3, "display": "block", "maxWidth": {"xs": "80px", "md": "none"}, "& p": {"margin": 0}}

_BUTTON = {"padding": {"xs": "2px", "md": "8px"}}
_SWITCH = {"& .MuiToggleButton-root": {"color": "#ffffffcc", "borderColor": "#ffffff66",
                                       "fontSize": {"xs": "0.65rem", "md": "0.8125rem"}, "padding": {"xs": "4px", "md": "7px"}},
           "& .Mui-selected": {"color": "#222 !important"}}

_LANGUAGES = dict(zip(("English", "Català"), LANGUAGES, strict=True))

_PAGE = {"& .child-wrapper": {"display": "contents"}, "& .away": {"display": "none"},
         "& .title": {"display": {"xs": "none", "md": "block"}}}

_OPEN = {"use_shadow_dom": False}
_SCROLL = {"height": {"xs": "auto", "md": "calc(100vh - 160px)"}, "overflowY": "auto"}
_SCROLL_LEFT = _SCROLL | {"height": {"xs": "auto", "md": "calc(100vh - 108px)"}}  # no search stands above it
_ASIDE = {"flexDirection": {"xs": "column", "md": "row"}, "gap": "12px"}  # one above the other on a phone
_TOTAL_BYTES = 1_000_000_000  # of the files that a browser may send at once


class Tree(pmui.Tree):
    """The widget, which does not send back to the browser what has just come from there: each time it draws anew."""

    def _process_param_change(self, params):
        # What came is compared with what goes as lists; the widget makes tuples of the paths.
        paths = {name: list(map(list, params[name])) for name in ("active", "expanded") if params.get(name)}
        return super()._process_param_change({**params, **paths})


class Page(pmui.Page):
    """The page in the document itself, not in a shadow tree, where the arrow keys would not find the trees' rows.

    Only what is made with `_OPEN`, and stands in nothing but the like, is so. Styles then come from `sx` alone.
    """

    def _get_properties(self, doc):
        return {**super()._get_properties(doc), "root_node": "#assistant"}


class Widgets:
    """The widgets of one page.

    Attributes:
        page: all of them, laid out: the image to the left, three columns of trees to the right.
        labelled, described: by word of `wording`, the widgets whose label or tooltip it is.
        trees, titles, unsure: by facet.
    """

    def __init__(self):
        self.progress = pmui.Typography("", sx=_PROGRESS, margin=(0, 12, 0, 8), align="center")
        self.previous = pmui.IconButton(icon="arrow_back", color="light", margin=2, sx=_BUTTON)
        self.next = pmui.IconButton(icon="arrow_forward", color="light", margin=2, sx=_BUTTON)
        self.undo = pmui.IconButton(icon="undo", color="light", margin=2, sx=_BUTTON)
        self.redo = pmui.IconButton(icon="redo", color="light", margin=2, sx=_BUTTON)
        self.switch = pmui.RadioButtonGroup(options=_LANGUAGES, size="small", color="light", align="center", sx=_SWITCH)
        self.search = pmui.AutocompleteInput(options=[], lazy_search=True, min_characters=2, size="small",
                                             sizing_mode="stretch_width", margin=(8, 8, 0, 8))
        self.found_text = pmui.Typography("", margin=(6, 8))
        self.accept_found = pmui.Button(label="", icon="check", size="small")
        self.reject_found = pmui.Button(label="", icon="close", size="small", variant="outlined", color="error")
        self.found = pmui.Row(self.found_text, self.accept_found, self.reject_found, visible=False)
        self.note = pmui.TextAreaInput(label="", rows=2, sizing_mode="stretch_width", margin=(6, 0))
        self.provider = pmui.TextInput(label="", size="small", sizing_mode="stretch_width", margin=(6, 0))
        self.name, self.hint = pmui.Typography("", margin=0, sx={"fontWeight": 600}), pmui.Typography(
            "", margin=0, variant="caption", sx={"color": "text.secondary"})
        self.chips = pn.pane.HTML("", sizing_mode="stretch_width", margin=(4, 0))
        self.told = pmui.Alert(object="", severity="warning", closeable=True, visible=False,
                               sizing_mode="stretch_width")
        self.uploads = [pmui.FileInput(multiple=True, label="", size="small", max_total_file_size=_TOTAL_BYTES,
                                       margin=4) for _ in range(2)]
        self.folder = pmui.FileInput(directory=True, label="", size="small", variant="outlined", margin=4,
                                     max_total_file_size=_TOTAL_BYTES)
        self.opener = pmui.FileInput(accept=".csv", label="", size="small", variant="outlined", margin=4)
        self.csv = pmui.FileDownload(filename="annotations.csv", label="", size="small", margin=4)
        self.jsonld = pmui.FileDownload(filename="annotations.jsonld", label="", size="small",
                                        margin=4)
        self._make_trees()
        self.figure = make_square()
        self.labelled = {"accept": self.accept_found, "reject": self.reject_found, "notes": self.note, "csv": self.csv,
                         "provider": self.provider, "jsonld": self.jsonld, "import": self.opener,
                         "add": self.uploads[0], "welcome_add": self.uploads[1], "add_folder": self.folder}
        self.described = {"previous": self.previous, "next": self.next, "undo": self.undo, "redo": self.redo}
        self.page = self._lay_out()

    def _make_trees(self) -> None:
        self.trees, self.titles, self.unsure = {}, {}, {}
        for facet in FACETS:
            tree = Tree(checkboxes=True, multi_select=True, sx=tree_style(facet), level_indent=14, **_OPEN)
            self.trees[facet.name] = tree
            self.titles[facet.name] = pmui.Typography("", margin=0, sizing_mode="stretch_width", styles={
                "position": "sticky", "top": "0", "z-index": "2", "background": "white", "padding": "6px 8px"})
            self.unsure[facet.name] = pmui.Typography("", variant="caption", margin=(0, 8), visible=False,
                                                      sx={"fontStyle": "italic"})

    def show_desk(self, shown: bool) -> None:
        """Show the image and its trees, or the welcome."""
        self.welcome.visible = not shown
        self.desk.css_classes = [] if shown else ["away"]  # `visible` is of the shadow tree that it is not in

    def _lay_out(self) -> pmui.Page:
        def column(*facets: str) -> pmui.Paper:
            parts = [part for facet in facets for part in (self.titles[facet], self.unsure[facet], self.trees[facet])]
            return pmui.Paper(*parts, elevation=1, sx=_SCROLL, **_OPEN)
        files = pmui.Column(pmui.Row(self.uploads[0], self.folder), self.provider,
                            pmui.Row(self.csv, self.jsonld, self.opener), sizing_mode="stretch_width", margin=0)
        left = pmui.Column(self.figure, self.name, self.hint, self.chips, self.note, files, sx=_SCROLL_LEFT, **_OPEN)
        columns = pmui.Row(column("objectTypes"), column("materials"), column("classifications", "subjects"),
                           sx=_ASIDE | {"& > div": {"flex": "1 1 0", "minWidth": 0}}, **_OPEN)
        right = pmui.Column(self.search, self.found, columns, sx={"gap": "8px"}, **_OPEN)
        self.desk = pmui.Row(left, right, css_classes=["away"], sx=_ASIDE | {
            "padding": "8px", "boxSizing": "border-box",
            "& > div:nth-of-type(1)": {"flex": {"xs": "none", "md": "0 0 420px"}},
            "& > div:nth-of-type(2)": {"flex": "1 1 0", "minWidth": 0}}, **_OPEN)
        self.welcome_text = pmui.Typography("", variant="h6", margin=(40, 20, 10, 20))
        self.welcome = pmui.Column(self.welcome_text, self.uploads[1], align="center", visible=False)
        return Page(title="", theme_toggle=False, theme_config=_THEME, sx=_PAGE, header=[pmui.Row(
            self.progress, self.previous, self.next, self.undo, self.redo, pn.layout.HSpacer(), self.switch,
            sizing_mode="stretch_width")], main=[self.told, self.welcome, self.desk])
