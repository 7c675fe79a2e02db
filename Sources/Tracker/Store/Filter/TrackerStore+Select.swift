package import Experiment
import FoundationEssentials
package import Postgres

/// A page of a list of runs.
package struct RunPage: Sendable {
    package struct Entry: Sendable {
        package let run: RunSummary
        /// After this run.
        package let cursor: RunCursor
    }

    package let entries: [Entry]
    /// Whether more follow.
    package let hasNext: Bool

    package var runs: [RunSummary] { entries.map(\.run) }
}

/// A run that a predicate selects.
package struct SelectedRun: Sendable {
    /// Its key in the table `runs`.
    package let number: Int32
    package let id: RunID
    package let cursor: RunCursor
}

extension TrackerStore {
    /// A page of the runs that a predicate selects.
    /// `after`: the cursor of the last run of the page before, of the same order.
    package func runs(
        matching predicate: RunPredicate, order: RunOrder = .newestFirst, limit: Int, after: RunCursor? = nil
    ) async throws -> RunPage {
        let limit = min(max(0, limit), 1_000_000)
        let found = try await selectedRuns(matching: predicate, order: order, limit: limit + 1, after: after)
        let page = found.prefix(limit)
        let numbers = page.map(\.number)
        let runs = try await runs(
            where: "number = any(\(numbers))", order: "array_position(\(numbers), number)", limit: limit)
        // By id and not by place: a run may have been deleted between the two statements.
        let cursors = Dictionary(page.map { ($0.id, $0.cursor) }) { first, _ in first }
        let entries = runs.compactMap { run in cursors[run.id].map { RunPage.Entry(run: run, cursor: $0) } }
        return RunPage(entries: entries, hasNext: found.count > limit)
    }

    /// The same, for whoever reads other columns of the table `runs` than ``RunSummary`` has.
    package func selectedRuns(
        matching predicate: RunPredicate, order: RunOrder = .newestFirst, limit: Int, after: RunCursor? = nil
    ) async throws -> [SelectedRun] {
        let byCreation = order.terms.count == 1 && order.terms[0].field == .column(.createdAt)
        var condition = try predicate.sql()
        var skipped = 0
        switch after?.place {
        case .run(let created, let number)? where byCreation:
            let sign: PostgresQuery = order.isAscending ? ">" : "<"
            condition = "\(condition) and (r.created_at, r.number) \(sign) (\(created), \(number))"
        case .run?: throw StoreError(.invalidQuery, "the cursor belongs to a list in another order; start again")
        case .count(let count)?: skipped = count
        case nil: break
        }
        let found = try await select(
            """
            select r.number from runs r \(order.joins) where \(condition)
            order by \(order.sql) limit \(limit) offset \(skipped)
            """, predicate)
        let numbers = try found.map { try $0.decode(as: Int32.self) }
        // Apart, so that the statement above can sort a project's runs by an index alone.
        let rows = try await pool.query("select number, id, created_at from runs where number = any(\(numbers))")
        var known: [Int32: (id: String, created: Date)] = [:]
        for row in rows {
            let (number, id, created) = try row.decode(as: Int32.self, String.self, Date.self)
            known[number] = (id, created)
        }
        return try numbers.enumerated().compactMap { index, number in
            guard let (id, created) = known[number] else { return nil }
            let place: RunCursor.Place =
                byCreation ? .run(created: created, number: number) : .count(skipped + index + 1)
            return SelectedRun(number: number, id: try runID(id), cursor: RunCursor(place))
        }
    }

    package func count(matching predicate: RunPredicate) async throws -> Int {
        let rows = try await select("select count(*) from runs r where \(try predicate.sql())", predicate)
        return try rows.first?.decode(as: Int.self) ?? 0
    }

    /// Runs a statement with the predicate's condition in it; one with a pattern only for so long.
    package func select(_ query: PostgresQuery, _ predicate: RunPredicate) async throws -> PostgresRows {
        guard predicate.hasPattern else { return try await pool.query(query) }
        do {
            return try await pool.withTransaction { connection in
                try await connection.query(
                    "select set_config('statement_timeout', \(FilterLimits.patternTimeout), true)")
                return try await connection.query(query)
            }
        } catch let error as PostgresError where error.sqlState == "2201B" {
            throw StoreError(.invalidQuery, "a pattern of the filter is not a regular expression; check its brackets")
        } catch let error as PostgresError where error.sqlState == "57014" {
            throw StoreError(
                .invalidQuery,
                "the filter's patterns took longer than \(FilterLimits.patternTimeout); make them simpler")
        }
    }
}
