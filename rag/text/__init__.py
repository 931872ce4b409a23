"""Pure functions on text: cleaning, sentences, dates, language, words."""
