"""A data set in the official form, read and written; knows no renderer, no server, no model."""
