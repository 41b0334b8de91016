-- The name of the zone that is so many minutes ahead of UTC.
CREATE TEMP MACRO tr_offset_id(minutes) AS
    CASE WHEN minutes = 0 THEN 'UTC'
         WHEN abs(minutes) > 840
         THEN CAST(CAST('laketop!INVALID_FUNCTION_ARGUMENT!Invalid offset minutes ' || CAST(minutes AS VARCHAR) || '!laketop' AS INTEGER) AS VARCHAR)
         ELSE tr_offset_text(minutes) END
