"""A small Europeana on this machine, which serves the mini museum."""
