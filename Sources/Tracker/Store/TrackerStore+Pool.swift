import Postgres

extension TrackerStore {
    package struct PoolUse: Sendable, Hashable {
        package var open: Int
        /// Lent to a request.
        package var inUse: Int
        /// Requests that wait for a connection.
        package var waiting: Int
    }

    /// How the connections to the database are used now.
    package var poolUse: PoolUse {
        get async {
            let use = await pool.use
            return PoolUse(open: use.open, inUse: use.open - use.idle, waiting: use.waiting)
        }
    }
}
