"""What both halves share: records, table schema, file formats, units and errors."""
