"""Turn finished tables into what people read: chapters, figures, plain words and a site."""
