import FoundationEssentials
import Postgres
import TestSupport
import Testing

@Suite("Queries", .timeLimit(.minutes(1)))
struct QueryTests {
    static let edgeValues: [Double] = [
        0, -0.0, 1.5, .pi, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNormalMagnitude,
        .greatestFiniteMagnitude, 0.1 + 0.2,
    ]

    @Test("A float comes back with every bit", arguments: edgeValues)
    func floats(value: Double) async throws {
        let back = try await roundTrip("select \(value)", as: Double.self)
        #expect(back.bitPattern == value.bitPattern)
    }

    @Test("An integer comes back", arguments: [Int64.min, -1, 0, 1, (1 << 53) + 1, Int64.max] as [Int64])
    func integers(value: Int64) async throws {
        #expect(try await roundTrip("select \(value)", as: Int64.self) == value)
    }

    @Test(
        "A text comes back and is never SQL",
        arguments: ["", "'; drop table runs; --", "\"quoted\"", "\\", "%_$1", "ünïcödé 🎧", "line\nbreak\ttab"])
    func texts(value: String) async throws {
        #expect(try await roundTrip("select \(value)", as: String.self) == value)
    }

    @Test("Arrays keep their values, their nulls and their emptiness")
    func arrays() async throws {
        let doubles = try await roundTrip("select \(QueryTests.edgeValues)", as: [Double].self)
        #expect(doubles.map(\.bitPattern) == QueryTests.edgeValues.map(\.bitPattern))
        #expect(try await roundTrip("select \([Int64]())", as: [Int64].self) == [])
        let texts: [String?] = ["a", nil, "", "{\"b\",c}"]
        #expect(try await roundTrip("select \(texts)", as: [String?].self) == texts)
    }

    @Test("Null is nil, and an error where a value is required")
    func nulls() async throws {
        let nothing: String? = nil
        #expect(try await roundTrip("select \(nothing)", as: String?.self) == nil)
        await #expect(throws: PostgresError.self) { try await roundTrip("select \(nothing)", as: String.self) }
    }

    @Test("A time comes back to the microsecond")
    func times() async throws {
        let time = Date(timeIntervalSince1970: 1_790_000_000.123456)
        let back = try await roundTrip("select \(time)", as: Date.self)
        #expect(abs(back.timeIntervalSince(time)) < 1e-6)
        #expect(
            try await roundTrip("select extract(epoch from \(time))::float8", as: Double.self) == 1_790_000_000.123456)
    }

    @Test("JSON, booleans and small integers come back")
    func others() async throws {
        #expect(try await roundTrip("select \(true)", as: Bool.self))
        #expect(try await roundTrip("select \(Int32.min)", as: Int32.self) == .min)
        let json = PostgresJSON(text: #"{"a": [1, "NaN"]}"#)
        #expect(try await roundTrip("select \(json)", as: PostgresJSON.self) == json)
    }

    @Test("A text with NUL is refused before it is sent")
    func nul() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await roundTrip("select \("a\0b")", as: String.self)
        }
        #expect(error.kind == .invalidValue)
    }

    @Test("A fragment's parameters are numbered with the query's")
    func fragments() async throws {
        let condition: PostgresQuery = "n between \(2) and \(3)"
        let query: PostgresQuery = "select \("x") || count(*) from generate_series(1, \(9)) n where \(condition)"
        #expect(try await roundTrip(query, as: String.self) == "x2")
    }

    @Test("A row of several columns decodes in order, and another number of columns is an error")
    func rows() async throws {
        try await withScratchDatabase { address in
            let connection = try await PostgresConnection.connect(to: address)
            let rows = try await connection.query("select n, n::text from generate_series(1, 3) n")
            let decoded = try rows.map { try $0.decode(as: Int.self, String.self) }
            #expect(decoded.map(\.0) == [1, 2, 3])
            #expect(decoded.map(\.1) == ["1", "2", "3"])
            #expect(throws: PostgresError.self) { try rows[0].decode(as: Int.self) }
            #expect(throws: PostgresError.self) { try rows[0].decode(as: Int.self, String.self, String.self) }
            #expect(throws: PostgresError.self) { try rows[0].decode(as: String.self, String.self) }
            await connection.close()
        }
    }

    @Test("The sentence of a server's error quotes no data; the details do")
    func errors() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await roundTrip("select \("secret")::int", as: Int.self)
        }
        #expect(error.sqlState == "22P02")
        #expect(!error.description.contains("secret"))
        #expect(error.debugDescription.contains("secret"))
    }

    private func roundTrip<Value: PostgresDecodable>(_ query: PostgresQuery, as _: Value.Type) async throws -> Value {
        try await withScratchConnection { connection in
            let rows = try await connection.query(query)
            return try #require(rows.first).decode(as: Value.self)
        }
    }
}
