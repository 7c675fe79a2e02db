import CLibPQ

/// What a statement returned, each value as PostgreSQL writes it.
package struct PostgresTextRows: Sendable {
    package struct Column: Sendable {
        package let name: String
        package let type: PostgresType
    }

    let rows: PostgresRows

    package var count: Int { rows.count }

    package var columns: [Column] {
        (0..<PQnfields(rows.result.pointer)).map { column in
            Column(
                name: PQfname(rows.result.pointer, column).map { String(cString: $0) } ?? "",
                type: PostgresType(rawValue: PQftype(rows.result.pointer, column)))
        }
    }

    /// Nil is null.
    package subscript(row: Int, column: Int) -> String? {
        guard PQgetisnull(rows.result.pointer, Int32(row), Int32(column)) == 0 else { return nil }
        return PQgetvalue(rows.result.pointer, Int32(row), Int32(column)).map { String(cString: $0) }
    }
}
