"""The four facets of the Getty AAT that EUFCC-340K annotates (paper section 3).

One row per facet: its names in the official csv, the tables, the figures and the
prompts. The order is that of the columns in the paper's Tables 1 and 2.
"""

from dataclasses import dataclass

from .errors import unknown

LANGUAGES = ("en", "ca")
"""English and Catalan: the languages of titles, prompts and tag names."""


@dataclass(frozen=True)
class Facet:
    """One facet.

    Attributes:
        name: its name throughout the library and the results.
        key: column key of the paper's tables: OT, M, C or S.
        title_en, title_ca: its title for readers, in English and Catalan.
        prompt_en, prompt_ca: text templates of the CLIP baselines; `<TAG>` stands for the tag.
        colour: the facet's colour in every figure.
    """

    name: str
    key: str
    title_en: str
    title_ca: str
    prompt_en: str
    prompt_ca: str
    colour: str

    @property
    def column(self) -> str:
        """The facet's column in the official csv."""
        return f"{self.name}.hierarchy"

    def title(self, language: str = "en") -> str:
        """The title in English (`en`) or Catalan (`ca`)."""
        return in_language(language, en=self.title_en, ca=self.title_ca)

    def prompt(self, tag: str, language: str = "en") -> str:
        """The tag in the facet's sentence, in English (`en`) or Catalan (`ca`)."""
        return in_language(language, en=self.prompt_en, ca=self.prompt_ca).replace("<TAG>", tag)


# The colours differ in lightness as well as hue, so that they survive a black and white print.
FACETS = (
    Facet("objectTypes", "OT", "Object types", "Tipus d'objecte", "an image of a <TAG>",
          "una imatge d'un objecte del tipus <TAG>", "#1b4f72"),
    Facet("materials", "M", "Materials", "Materials", "an image of an object made of <TAG>",
          "una imatge d'un objecte fet de <TAG>", "#b9572b"),
    Facet("classifications", "C", "Classifications", "Classificacions",
          "an image of an object related to <TAG>", "una imatge d'un objecte relacionat amb <TAG>", "#4f8a4c"),
    Facet("subjects", "S", "Subjects", "Temes", "an image depicting a <TAG>",
          "una imatge que representa <TAG>", "#d9a520"),
)

FACET_NAMES = tuple(facet.name for facet in FACETS)



def in_language(language: str, *, en: str, ca: str) -> str:
    """The text of the language; `UserError` with the known languages if there is none."""
    texts = {"en": en, "ca": ca}
    if language not in texts:
        raise unknown("language", language, texts)
    return texts[language]


def get_facet(name: str) -> Facet:
    """The facet of that name.

    Raises:
        UserError: there is none; the error lists the known names.
    """
    for facet in FACETS:
        if facet.name == name:
            return facet
    raise unknown("facet", name, FACET_NAMES)


PATH_SEPARATOR = " $ "
"""Between the paths of a cell of the official csv."""

LEVEL_SEPARATOR = " | "
"""Between the tags of a path, from the broadest to the narrowest."""
