"""Files to documents, documents to passages, and the ingest run itself."""
