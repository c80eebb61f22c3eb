"""Clients of the outside systems. In demo and test the same code speaks to stand-in servers over HTTP."""
