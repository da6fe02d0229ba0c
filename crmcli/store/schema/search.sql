-- The search index; `store/search.py` fills it. A row's id is eight times the record's id plus the number of its kind.
-- How long a text is (`columnsize`) is asked only by a ranking, and nothing is ranked.
CREATE VIRTUAL TABLE search USING fts5(
    name, reach, body,
    tokenize = "unicode61 remove_diacritics 2", columnsize = 0
);

-- Bytes that are gathered before a part of the index is written; parts are merged later, which is most of the work where
-- they are many. The usual 1 MB is too little for an import: 100,000 contacts are two parts now and were eight.
INSERT INTO search (search, rank) VALUES ('hashsize', 16777216);

-- The answers once more, to be ranked by how much they have in common with a question: in an index of their own, so that
-- nothing else is counted. A row's id is the answer's.
CREATE VIRTUAL TABLE search_answer USING fts5(question, answer, tokenize = "unicode61 remove_diacritics 2");
