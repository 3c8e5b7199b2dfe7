"""One module per format, each with a function `render(report, options)`; the registry finds them here."""
