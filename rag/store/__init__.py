"""The index: Chroma, the record of everything, and the word index derived from it.

`rag.store.open.open_store` opens it; `rag.store.protocol` says what a store offers.
"""
