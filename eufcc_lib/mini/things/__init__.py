"""What the museum holds: one file per kind of object. Importing this room registers every kind (see `mini.kinds`)."""

from . import (  # noqa: F401
    accessories,
    costume,
    furniture,
    instruments,
    jewellery,
    people,
    pictures,
    reliefs,
    textiles,
    tools,
    vessels,
)
