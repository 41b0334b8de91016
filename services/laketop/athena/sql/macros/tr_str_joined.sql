-- Texts with another between them, without the NULLs; DuckDB's array_to_string() wants a constant.
CREATE TEMP MACRO tr_str_joined(texts, between_them) AS
    CASE WHEN texts IS NULL OR between_them IS NULL THEN NULL
         ELSE coalesce(substring(array_to_string(list_transform(texts, lambda e: between_them || e), ''), length(between_them) + 1), '') END
