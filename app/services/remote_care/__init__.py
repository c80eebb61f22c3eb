"""Remote-care filing (异地就医备案): the first service, its rules as policy packs and pure functions."""
