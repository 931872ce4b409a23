"""How the bundled models were made; one command a model."""
