import Experiment
import FoundationEssentials
import Postgres

extension PostgresJSON {
    init(_ value: some Encodable) throws {
        self.init(text: String(decoding: try JSONCoding.encode(value), as: UTF8.self))
    }

    /// The members of an object, quicker than by `decode`.
    func object() throws -> [String: JSONValue] {
        guard case .object(let members) = try JSONParser.parse(text) else { return try decode() }
        return members
    }

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONCoding.decode(type, from: Data(text.utf8))
    }
}
