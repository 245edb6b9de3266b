"""The embedded mini museum: a data set in the official layout that the code draws.

From a plan (`catalogue`: objects, keepers, partial and noisy labels, splits) each record is
drawn on its own: a form (`solids` and the rooms of things: vessels, furniture, tools, ...),
a material (`materials`), a light (`light`) and a photographer (`providers`). Pictures show
scenes (`scenes`) in a technique (`techniques`). The same seed gives the same bytes.
"""
