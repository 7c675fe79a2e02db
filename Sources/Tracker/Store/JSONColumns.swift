import Experiment
import FoundationEssentials
import Postgres

extension PostgresJSON {
    init(_ value: some Encodable) throws {
        self.init(text: String(decoding: try JSONCoding.encode(value), as: UTF8.self))
    }

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONCoding.decode(type, from: Data(text.utf8))
    }
}
