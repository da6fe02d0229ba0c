"""The migrations, oldest first; each brings the tables from one number of the schema to the next."""
