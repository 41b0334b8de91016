-- Texts with others between them, each of its own; NULL where one of those is NULL.
CREATE TEMP MACRO tr_str_woven(texts, others) AS
    CASE WHEN texts IS NULL OR others IS NULL OR list_contains(list_transform(others, lambda o: o IS NULL), TRUE) THEN NULL
         ELSE texts[1] || coalesce(array_to_string(list_transform(range(1, len(others) + 1), lambda i: others[i] || texts[i + 1]), ''), '') END
