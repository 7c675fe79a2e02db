/// JSON text that is stored as `jsonb`.
package struct PostgresJSON: PostgresEncodable, PostgresDecodable, Hashable {
    package var text: String

    package init(text: String) { self.text = text }

    package static var postgresType: PostgresType { .jsonb }
    package static var postgresArrayType: PostgresType { .jsonbArray }

    /// Form: the version byte 1, then the text.
    package func encode(into bytes: inout [UInt8]) throws(PostgresError) -> Bool {
        bytes.append(1)
        return try text.encode(into: &bytes)
    }

    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> PostgresJSON {
        let bytes = try cell.bytes(of: .jsonb, .json)
        return PostgresJSON(text: String(decoding: cell.type == .jsonb ? bytes.dropFirst() : bytes[...], as: UTF8.self))
    }
}
