-- Where the curated zone disagrees with the processed zone: no row is the good answer.
SELECT control, processed, curated FROM reconciliation WHERE NOT agrees ORDER BY control
