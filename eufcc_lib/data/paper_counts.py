"""What the paper says about the size of the data set (sections 1, 3 and 5)."""

IMAGES = 346_324
"""Annotated images (section 3); the introduction says `IMAGES_INTRODUCTION`."""

IMAGES_INTRODUCTION = 383_695

PROVIDERS = 358
"""Data providers (section 3)."""

IMAGES_BY_FACETS = {1: 78_948, 2: 215_196, 3: 51_734, 4: 446}
"""Images annotated in one, two, three and four facets (section 3)."""

TAGS = {"objectTypes": 910, "materials": 276, "classifications": 33, "subjects": 8}
"""Unique tags of each facet (section 3)."""

MINIMUM_IMAGES_PER_TAG = 10
"""A tag with fewer images was left out (section 3)."""

MINIMUM_INNER_IMAGES = {"objectTypes": 5, "materials": 5, "classifications": 5, "subjects": 20}
"""Least images of each tag in the Inner test set (section 3, dataset splits)."""

TEST_SHARE = 0.10
"""Share of all images in the two test sets together, about (section 3); as much again for validation."""

OUTER_PROVIDERS = 2
"""Providers of the Outer test set (section 3)."""

LARGEST_PROVIDER = 40_000
"""Images of the largest provider; the paper says "up to 40K"."""
