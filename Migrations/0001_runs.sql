-- Runs, what they logged, and the files they made.

create table runs (
    number integer generated always as identity primary key,
    id text not null unique,
    project text not null,
    name text,
    group_name text,
    sweep text,
    job_type text,
    state text not null default 'pending',
    config jsonb not null default '{}',
    summary jsonb not null default '{}',
    tags text[] not null default '{}',
    host text,
    -- The latest attempt that has sent a record.
    attempt integer not null default 0,
    exit_code integer,
    message text,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    finished_at timestamptz
);
create index runs_by_project on runs (project, number);
create index runs_by_sweep on runs (sweep, number) where sweep is not null;

-- How far the records of each attempt are committed: what makes sending them twice harmless.
create table attempts (
    run integer not null references runs on delete cascade,
    attempt integer not null,
    acknowledged bigint not null,
    primary key (run, attempt)
);

create table metrics (
    id integer generated always as identity primary key,
    name text not null unique
);

-- One row a value, as logged. A record holds a metric once, so (attempt, sequence) names the value; the order of the
-- key serves "one metric of one run".
create table points (
    run integer not null references runs on delete cascade,
    metric integer not null references metrics,
    attempt integer not null,
    sequence bigint not null,
    step bigint not null,
    time timestamptz not null,
    value double precision not null,
    primary key (run, metric, attempt, sequence)
);

create table files (
    run integer not null references runs on delete cascade,
    path text not null,
    attempt integer not null,
    key text not null,
    step bigint not null,
    media_type text not null,
    bytes bigint not null,
    sha256 text not null,
    caption text,
    time timestamptz not null,
    primary key (run, path)
);

-- The record in words, for SQL by hand: every point with its names.
create view history as
select r.project, r.sweep, r.id as run, m.name as metric, p.attempt, p.sequence, p.step, p.time, p.value
from points p
join runs r on r.number = p.run
join metrics m on m.id = p.metric;
