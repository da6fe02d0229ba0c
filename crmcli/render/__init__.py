"""What is printed: rows to lines, cells to columns, data to formats; no database, no models."""
