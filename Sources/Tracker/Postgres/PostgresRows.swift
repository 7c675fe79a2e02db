import CLibPQ

/// What a statement returned.
package struct PostgresRows: Sendable, RandomAccessCollection {
    let result: ResultHandle

    package var startIndex: Int { 0 }
    package var endIndex: Int { Int(PQntuples(result.pointer)) }
    package subscript(position: Int) -> PostgresRow {
        PostgresRow(result: result, index: Int32(position), count: PQnfields(result.pointer))
    }

    /// Rows that an insert, update or delete touched.
    package var affected: Int { Int(String(cString: PQcmdTuples(result.pointer))) ?? 0 }
    /// As `COMMIT` or `INSERT 0 1`.
    var status: String { String(cString: PQcmdStatus(result.pointer)) }
}

package struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int32
    /// How many columns are read.
    var count: Int32

    /// The last column, and the row without it.
    package func splitLast<Value: PostgresDecodable>(
        as type: Value.Type
    ) throws(PostgresError) -> (row: PostgresRow, last: Value) {
        var column = count - 1
        let last = try cell(&column, type)
        return (PostgresRow(result: result, index: index, count: count - 1), last)
    }

    /// The columns in their order, each as the type asked for.
    package func decode<each Column: PostgresDecodable>(
        as _: repeat (each Column).Type
    ) throws(PostgresError) -> (repeat each Column) {
        var column: Int32 = 0
        let values = (repeat try cell(&column, (each Column).self))
        guard column == count else {
            throw PostgresError(
                .unexpectedType, "a row has \(count) columns where \(column) are read")
        }
        return values
    }

    private func cell<Value: PostgresDecodable>(
        _ column: inout Int32, _: Value.Type
    ) throws(PostgresError) -> Value {
        let position = column
        column += 1
        guard (0..<count).contains(position) else {
            throw PostgresError(.unexpectedType, "a row has only \(count) columns")
        }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result.pointer, index, position), count: Int(PQgetlength(result.pointer, index, position))
        )
        let cell = PostgresCell(
            column: PQfname(result.pointer, position).map { String(cString: $0) } ?? "",
            type: PostgresType(rawValue: PQftype(result.pointer, position)),
            value: PQgetisnull(result.pointer, index, position) == 1 ? nil : bytes)
        return try Value.decode(cell)
    }
}

/// Owns a `PGresult`; reading one is safe from any thread (libpq manual, 34.20).
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }
}
