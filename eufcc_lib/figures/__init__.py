"""Every plot of the book: one function takes tidy numbers and returns a figure."""
