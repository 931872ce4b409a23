"""Questions about your own articles, answered with citations you can check."""

__version__ = "0.1.0"
