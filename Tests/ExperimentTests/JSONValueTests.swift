import Experiment
import FoundationEssentials
import Testing

@Suite("JSON")
struct JSONValueTests {
    @Test(
        "Every double comes back with the same bits",
        arguments: [
            0, -0.0, 0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity, 1e308,
        ])
    func doubles(value: Double) throws {
        let row = MetricRow(step: .max, time: Date(timeIntervalSince1970: 1_700_000_000.123), values: ["loss": value])
        let back = try JSONCoding.decode(MetricRow.self, from: JSONCoding.encode(row))
        #expect(back.values["loss"]?.bitPattern == value.bitPattern)
        #expect(back == row)
    }

    @Test("NaN is kept")
    func nan() throws {
        let row = MetricRow(step: -1, time: Date(timeIntervalSince1970: 0), values: ["loss": .nan])
        let back = try JSONCoding.decode(MetricRow.self, from: JSONCoding.encode(row))
        #expect(back.values["loss"]?.isNaN == true)
    }

    @Test(
        "Values keep their kind",
        arguments: [
            JSONValue.null, .bool(true), .int(3), .int(.max), .double(0.5), .string("1"),
            .array([.int(1), .string("a")]),
            .object(["name": .string("report"), "alphas": .object(["image": .int(1)])]),
        ])
    func roundTrip(value: JSONValue) throws {
        #expect(try JSONCoding.decode(JSONValue.self, from: JSONCoding.encode(value)) == value)
    }

    @Test("The canonical text does not depend on the order of keys")
    func canonical() throws {
        let one = try JSONCoding.decode(JSONValue.self, from: Data(#"{"b": 1, "a": [true, null]}"#.utf8))
        let two = try JSONCoding.decode(JSONValue.self, from: Data(#"{"a":[true,null],"b":1}"#.utf8))
        #expect(one.canonicalText == two.canonicalText)
        #expect(one.canonicalText == #"{"a":[true,null],"b":1}"#)
    }

    @Test(
        "People see a structure by its name",
        arguments: [
            (JSONValue.object(["name": .string("report"), "x": .int(1)]), "report"), (.string("joint"), "joint"),
            (.double(0.5), "0.5"), (.object(["x": .int(1)]), #"{"x":1}"#),
        ])
    func labels(value: JSONValue, label: String) {
        #expect(value.label == label)
    }
}
