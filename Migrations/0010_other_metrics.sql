-- What a search of several metrics goes by is kept with a stage that is over, as that of the first metric is.

alter table sweeps
    -- Metrics beside the first that the search looks at: its first draw writes them down.
    add column other_metrics text[] not null default '{}';

alter table stages
    -- One entry for each of the sweep's other metrics, finite or null; null where nothing was kept.
    add column other_minima double precision[],
    add column other_maxima double precision[],
    add column other_latest double precision[];
