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
    lowest bigint not null,
    highest bigint not null,
    -- Row i was logged times[i + 1] microseconds after this, or long_times[i + 1] where one does not fit in 32 bits.
    time timestamptz not null,
    times integer[],
    long_times bigint[],
    -- Full, or of a finished run: never merged again.
    sealed boolean not null default false,
    primary key (run, stream, attempt, first)
);
create index segments_to_merge on segments (run, stream, attempt, first) where not sealed;

create table segment_values (
    run integer not null references runs on delete cascade,
    -- No foreign key: metrics are never deleted, and all who write would queue for the locks of its few rows.
    metric integer not null,
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
create index segment_values_by_segment on segment_values (run, stream, attempt, first);
-- Measured values are noise to a compressor: it would try, and give up.
alter table segments alter column times set storage external, alter column long_times set storage external;
alter table segment_values alter column singles set storage external, alter column doubles set storage external;

-- What is no number in a row: texts, media, structures, integers that a float64 cannot hold.
create table row_values (
    run integer not null references runs on delete cascade,
    stream smallint not null,
    attempt integer not null,
    sequence bigint not null,
    step bigint not null,
    time timestamptz not null,
    -- Key to value; keys are not nested by dots. Not jsonb, which forgets the sign of a zero.
    data json not null,
    primary key (run, stream, attempt, sequence)
);

-- What is known of each metric of each run without reading its history. NaN counts for `last` only.
create table series (
    run integer not null references runs on delete cascade,
    metric integer not null,
    stream smallint not null,
    count bigint not null,
    first_step bigint not null,
    last double precision not null,
    last_step bigint not null,
    last_attempt integer not null,
    last_sequence bigint not null,
    minimum double precision,
    maximum double precision,
    -- Each value's step is greater than the one before: none replaces another, and all count in the two above.
    rising boolean not null,
    -- What the run wrote to its summary under this name after it had logged `last`.
    summary double precision,
    primary key (run, metric, stream)
) with (fillfactor = 70);
create index series_by_metric on series (metric, run);

-- What older versions kept in one row a value. Sequence, step and time are the same for all values of a log call.
create temporary table logged_rows on commit drop as
select run, attempt, sequence, step, time, (number - 1) % 992 as position,
    first_value(sequence) over (partition by run, attempt, (number - 1) / 992 order by sequence) as first,
    first_value(time) over (partition by run, attempt, (number - 1) / 992 order by sequence) as first_time
from (
    select run, attempt, sequence, min(step) as step, min(time) as time,
        row_number() over (partition by run, attempt order by sequence) as number
    from points group by run, attempt, sequence) logged;
create index on logged_rows (run, attempt, sequence);
analyze logged_rows;

insert into segments (run, stream, attempt, first, count, sequences, step, steps, lowest, highest, time, long_times, sealed)
select run, 0, attempt, first, count(*), array_agg(sequence order by sequence), (array_agg(step order by sequence))[1],
    array_agg(step order by sequence), min(step), max(step), first_time,
    array_agg((extract(epoch from time - first_time) * 1000000)::bigint order by sequence), count(*) = 992
from logged_rows group by run, attempt, first, first_time;

insert into segment_values (run, metric, stream, attempt, first, positions, doubles)
select p.run, p.metric, 0, p.attempt, l.first, array_agg(l.position::smallint order by l.position),
    array_agg(p.value order by l.position)
from points p join logged_rows l using (run, attempt, sequence)
group by p.run, p.metric, p.attempt, l.first;

insert into series (
    run, metric, stream, count, first_step, last, last_step, last_attempt, last_sequence, minimum, maximum, rising)
select run, metric, 0, count(*), (array_agg(step order by attempt, sequence))[1],
    (array_agg(value order by attempt desc, sequence desc))[1], (array_agg(step order by attempt desc, sequence desc))[1],
    max(attempt), (array_agg(sequence order by attempt desc, sequence desc))[1],
    min(value) filter (where value <> 'NaN'), max(value) filter (where value <> 'NaN'),
    coalesce(bool_and(step > previous), true)
from (
    select *, lag(step) over (partition by run, metric order by attempt, sequence) as previous from points) p
group by run, metric;

drop view history;
drop table points;

-- The record in words, for SQL by hand: every point with its names.
create view points as
select r.project, r.sweep, r.id as run, m.name as metric, v.stream, v.attempt,
    coalesce(u.sequence, s.first + u.number - 1) as sequence,
    coalesce(u.step, s.step + s.stride * (u.number - 1)) as step,
    s.time + coalesce(u.short_time, u.long_time) * interval '1 microsecond' as time,
    coalesce(u.double, u.single) as value
from segment_values v
join segments s using (run, stream, attempt, first)
join runs r on r.number = v.run
join metrics m on m.id = v.metric
cross join lateral unnest(s.sequences, s.steps, s.times, s.long_times, v.singles, v.doubles) with ordinality
    as u(sequence, step, short_time, long_time, single, double, number)
where v.positions is null
union all
select r.project, r.sweep, r.id, m.name, v.stream, v.attempt,
    coalesce(u.sequence, s.first + u.number - 1),
    coalesce(u.step, s.step + s.stride * (u.number - 1)),
    s.time + coalesce(u.short_time, u.long_time) * interval '1 microsecond',
    coalesce(w.double, w.single)
from segment_values v
join segments s using (run, stream, attempt, first)
join runs r on r.number = v.run
join metrics m on m.id = v.metric
cross join lateral unnest(v.positions, v.singles, v.doubles) as w(position, single, double)
join lateral unnest(s.sequences, s.steps, s.times, s.long_times) with ordinality
    as u(sequence, step, short_time, long_time, number) on u.number = w.position + 1
where v.positions is not null;

create view history as
select project, sweep, run, metric, attempt, sequence, step, time, value from points where stream = 0;
comment on view history is
    'Every number that a run logged, one row a point: what (project, sweep, run, metric), in which attempt of the run '
    'and as which record of it (sequence), when (step, time), value. Where attempts overlap, the later one counts.';

create view system_metrics as
select project, sweep, run, metric, attempt, sequence, time, value from points where stream = 1;
comment on view system_metrics is
    'What the machine of a run did meanwhile, as the client measured it: one row a measurement.';

create view logged_values as
select r.project, r.sweep, r.id as run, d.key as name, v.attempt, v.sequence, v.step, v.time, d.value
from row_values v join runs r on r.number = v.run cross join lateral json_each(v.data) d
where v.stream = 0;
comment on view logged_values is
    'What a run logged that is no number, as JSON: texts, pictures, tables, structures, integers beyond 2^53.';
