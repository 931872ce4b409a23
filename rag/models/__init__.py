"""The encoder and the reader: loading, batching, and their weights beside them."""
