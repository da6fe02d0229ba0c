"""The database file: connection, schema, journal, search index, and the engine that models are written through."""
