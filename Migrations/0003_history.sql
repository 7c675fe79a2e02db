-- History in segments: what a run logged in a stretch, by column. Rows of one log call share sequence, step and time;
-- a segment holds these once, and one array of values for each metric. What a client sends together is a segment at
-- once; small ones are merged in the background until they are full (docs/decisions/0007).

create table segments (
    run integer not null references runs on delete cascade,
    -- 0: what the run logged; 1: system metrics.
    stream smallint not null,
    attempt integer not null,
    -- Sequence number of its first row.
    first bigint not null,
    count integer not null,
    -- Null where the rows' sequence numbers follow one another.
    sequences bigint[],
    -- Row i (from 0) has step + i * stride, or steps[i + 1] where there is no stride.
    step bigint not null,
    stride bigint,
    steps bigint[],
    -- Row i was logged times[i + 1] microseconds after this.
    time timestamptz not null,
    times bigint[] not null,
    -- Full, or of a finished run: never merged again.
    sealed boolean not null default false,
    primary key (run, stream, attempt, first)
);
create index segments_to_merge on segments (run, stream, attempt, first) where not sealed;

create table segment_values (
    run integer not null references runs on delete cascade,
    metric integer not null references metrics,
    stream smallint not null,
    attempt integer not null,
    first bigint not null,
    -- Rows of the segment (from 0) that have a value; null: all.
    positions smallint[],
    -- Exactly one of the two; singles where every value is a float32 to the bit.
    singles real[],
    doubles double precision[],
    primary key (run, metric, stream, attempt, first)
);
alter table segments alter column times set storage external;
alter table segment_values alter column singles set storage external, alter column doubles set storage external;

-- What is no number in a row: texts, media, structures, integers that a float64 cannot hold.
create table row_values (
    run integer not null references runs on delete cascade,
    stream smallint not null,
    attempt integer not null,
    sequence bigint not null,
    step bigint not null,
    time timestamptz not null,
    -- Key to value, not nested by dots.
    data jsonb not null,
    primary key (run, stream, attempt, sequence)
);

-- What is known of each metric of each run without reading its history. NaN counts for `last` only.
create table series (
    run integer not null references runs on delete cascade,
    metric integer not null references metrics,
    stream smallint not null,
    count bigint not null,
    last double precision not null,
    last_step bigint not null,
    last_attempt integer not null,
    last_sequence bigint not null,
    minimum double precision,
    maximum double precision,
    primary key (run, metric, stream)
);
create index series_by_metric on series (metric, run);
