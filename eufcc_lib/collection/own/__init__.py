"""A museum's own photographs and its own table, as a data set in the official layout (`eufcc museum`)."""
