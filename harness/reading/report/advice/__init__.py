"""Advice on the chunks of one's own work: records, sentences, text and page."""
