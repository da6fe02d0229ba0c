-- The search index; `store/search.py` fills it. A row's id is eight times the record's id plus the number of its kind.
CREATE VIRTUAL TABLE search USING fts5(
    name, reach, body, entity UNINDEXED, entity_id UNINDEXED, contact_id UNINDEXED,
    tokenize = "unicode61 remove_diacritics 2"
);
