"""From a template and values to what a notebook shows.

The HTML reads well without style sheets or scripts; in the book it is dressed by `book/_static/custom.css`.
"""

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATES = Environment(loader=PackageLoader("eufcc_lib.pages"), autoescape=True, undefined=StrictUndefined,
                         trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True)
class Page:
    """A piece of HTML, and a sentence instead of it where a notebook is read as text."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def render(template: str, text: str, **values: object) -> Page:
    """The template `templates/TEMPLATE.html.j2` filled with these values, which are escaped."""
    return Page(_TEMPLATES.get_template(f"{template}.html.j2").render(values), text)
