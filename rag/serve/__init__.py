"""The HTTP interface: what other programs, the page and the command line talk to."""
