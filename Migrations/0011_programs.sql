-- Stages may have programs of their own.

alter table sweeps
    -- By stage: {"program": ..., "command": [...]}. Null where our trainer runs all stages, or where each trial is the one
    -- program of the column beside it.
    add column programs jsonb;
