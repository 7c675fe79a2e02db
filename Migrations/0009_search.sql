-- What a search goes by is kept with a stage when it is over, so that a suggestion reads only what has changed.

alter table stages
    -- Of the sweep's metric, where its trials are drawn: what the stage's run had logged when the stage was over. Finite
    -- values only.
    add column minimum double precision,
    add column maximum double precision,
    add column latest double precision;

alter table sweeps
    -- How often stages that were over were made pending again: whoever remembers what is over looks again.
    add column reopened integer not null default 0;

-- A claim passes over the index entries of all that were claimed since the last vacuum, 20 ns each: after 37,000 claims
-- 0.8 ms, after a vacuum 0.1 ms.
alter table stages set (autovacuum_vacuum_scale_factor = 0.02);

update stages s
set minimum = least(nullif(nullif(nullif(e.minimum, 'NaN'), 'Infinity'), '-Infinity'),
        nullif(nullif(nullif(e.summary, 'NaN'), 'Infinity'), '-Infinity')),
    maximum = greatest(nullif(nullif(nullif(e.maximum, 'NaN'), 'Infinity'), '-Infinity'),
        nullif(nullif(nullif(e.summary, 'NaN'), 'Infinity'), '-Infinity')),
    latest = nullif(nullif(nullif(coalesce(e.summary, e.last), 'NaN'), 'Infinity'), '-Infinity')
from sweeps w join metrics m on m.name = w.metric, runs r join series e on e.run = r.number and e.stream = 0
where w.number = s.sweep and not w.is_drawn and w.method <> 'grid' and s.state in ('done', 'failed', 'stopped')
    and r.id = coalesce(s.reused_from, s.run) and e.metric = m.id;
