/// SQL with its parameters: `"select * from runs where id = \(id)"` sends `$1` and the id apart, so that no value can
/// become SQL.
///
/// Another query may be put inside, as a fragment; text that is to be taken as SQL needs the loud `unsafeSQL:`.
package struct PostgresQuery: ExpressibleByStringInterpolation, Sendable {
    enum Piece: Sendable {
        case sql(String)
        case value(any PostgresEncodable)
    }

    var pieces: [Piece]

    package init(stringLiteral value: String) { pieces = [.sql(value)] }

    package init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    package struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { pieces.append(.sql(literal)) }

        package mutating func appendInterpolation(_ value: some PostgresEncodable) { pieces.append(.value(value)) }

        /// Nil is null.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            pieces.append(.value(value))
        }

        package mutating func appendInterpolation(_ fragment: PostgresQuery) {
            pieces.append(contentsOf: fragment.pieces)
        }

        package mutating func appendInterpolation(unsafeSQL sql: String) { pieces.append(.sql(sql)) }
    }
}

extension PostgresQuery {
    /// The query as libpq takes it.
    func render() throws(PostgresError) -> RenderedQuery {
        var rendered = RenderedQuery()
        for piece in pieces {
            switch piece {
            case .sql(let text): rendered.sql += text
            case .value(let value): try rendered.append(value)
            }
        }
        return rendered
    }
}

struct RenderedQuery {
    var sql = ""
    var types: [UInt32] = []
    /// The binary forms one after the other; nil marks null.
    var ranges: [Range<Int>?] = []
    var bytes: [UInt8] = []

    mutating func append(_ value: any PostgresEncodable) throws(PostgresError) {
        let start = bytes.count
        ranges.append(try value.encode(into: &bytes) ? start..<bytes.count : nil)
        types.append(type(of: value).postgresType.rawValue)
        sql += "$\(types.count)"
    }
}
