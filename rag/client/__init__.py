"""A running server's engine, by HTTP."""

from rag.client.remote import RemoteEngine

__all__ = ["RemoteEngine"]
