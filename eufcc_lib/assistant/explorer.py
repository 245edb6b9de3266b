"""The four trees on the page; `explorer.js` draws and moves them."""

import param

from .scripts import Part, script


class Explorer(Part):
    """The trees, of which the browser opens and folds the branches itself; see `shown.show_trees`."""

    names = param.List(default=[], doc="By facet `facet`, `title`, `colour`, and of its tags `tags`, `texts`, `parents` and `order`.")

    _esm = script("explorer.js")

    def reveal(self, facet: str, tag: int) -> None:
        """Open the branches that lead to a tag."""
        self._send_msg({"facet": facet, "tag": tag})
