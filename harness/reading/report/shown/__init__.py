"""What every chapter and page is made of: text of single values, sections, plain text."""
