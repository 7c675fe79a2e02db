/// Fills a database with runs by SQL, in the shape that ingest leaves behind.
enum Generator {
    static let runs = 10_000
    static let metrics = 5
    static let steps = 2_000
    /// Rows of a full segment.
    private static let full = 992

    /// 10,000 finished runs with 8 config keys and 6 metrics each; no histories.
    static let runsWithoutHistory = """
        insert into runs (id, handle, project, name, state, config, summary, attempt, started_at, finished_at)
        select 'generated-' || i, 'generated-' || i, 'generated', 'run ' || i, 'finished',
            jsonb_build_object('lr', random(), 'seed', i % 3, 'subset', 's' || i % 4, 'masking', 'm' || i % 3,
                'layers', i % 8, 'batch', 32, 'width', 256, 'steps', 1000),
            jsonb_build_object('loss', random(), 'image', random(), 'audio', random(), 'lr', random(),
                'grad_norm', random(), 'total_tokens_seen_m', random()),
            1, now(), now()
        from generate_series(1, \(runs)) i;
        insert into metrics (name)
        select distinct key from runs, jsonb_each(summary) where project = 'generated' on conflict do nothing;
        insert into series (run, metric, stream, count, first_step, last, last_step, last_attempt, last_sequence, minimum,
            maximum, rising)
        select r.number, m.id, 0, 1, 0, (s.value)::float8, 0, 1, 1, (s.value)::float8, (s.value)::float8, true
        from runs r, jsonb_each(r.summary) s join metrics m on m.name = s.key where r.project = 'generated';
        """

    /// Adds to them `steps` rows of `metrics` metrics each: 100 million points in all.
    static let histories = """
        insert into metrics (name) select 'generated_' || k from generate_series(1, \(metrics)) k on conflict do nothing;
        insert into segments (run, stream, attempt, first, count, step, stride, lowest, highest, time, times, sealed)
        select r.number, 0, 1, s.first + 1, s.count, s.first, 1, s.first, s.first + s.count - 1, now(),
            (select array_agg(i * 100000 order by i) from generate_series(0, s.count - 1) i), true
        from runs r, (select f as first, least(\(full), \(steps) - f) as count
            from generate_series(0, \(steps - 1), \(full)) f) s
        where r.project = 'generated';
        insert into segment_values (run, metric, stream, attempt, first, doubles)
        select s.run, m.id, 0, 1, s.first,
            (select array_agg(random()) from generate_series(1, s.count) where s.run is not null and m.id is not null)
        from segments s join runs r on r.number = s.run and r.project = 'generated', metrics m
        where m.name like 'generated\\_%';
        insert into series (run, metric, stream, count, first_step, last, last_step, last_attempt, last_sequence, minimum,
            maximum, rising)
        select r.number, m.id, 0, \(steps), 0, random(), \(steps - 1), 1, \(steps), 0, 1, true
        from runs r, metrics m where r.project = 'generated' and m.name like 'generated\\_%';
        """
}
