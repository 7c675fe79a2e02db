import Foundation
import Testing

@testable import Experiment

@Suite("JSON as it comes")
struct JSONParserTests {
    @Test(
        "Values are read as they were meant",
        arguments: [
            ("null", JSONValue.null), (" true ", .bool(true)), ("[]", .array([])), ("{}", .object([:])),
            ("0", .int(0)), ("-7", .int(-7)), ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
            ("1.0", .double(1)), ("1e3", .double(1000)), ("5e-324", .double(.leastNonzeroMagnitude)),
            // 10^20 is a float64, 2^64 - 1 is none.
            ("100000000000000000000", .double(1e20)), ("18446744073709551615", .string("18446744073709551615")),
            ("Infinity", .double(.infinity)), ("-Infinity", .double(-.infinity)),
            (#""a\"\\\/\n\té\ud83d\ude00""#, .string("a\"\\/\n\té😀")),
            (#""\ud83d""#, .string("\u{FFFD}")), (#""\u0000""#, .string("\u{FFFD}")),
            (#"{"a":1,"a":2}"#, .object(["a": .int(2)])),
            (#"{"a":[1,{"b":null}]}"#, .object(["a": .array([.int(1), .object(["b": .null])])])),
        ])
    func values(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test("NaN is a number here, and the sign of a zero is kept")
    func oddNumbers() throws {
        guard case .double(let nan) = try JSONParser.parse("NaN"), case .double(let zero) = try JSONParser.parse("-0")
        else { return #expect(Bool(false)) }
        #expect(nan.isNaN && zero.sign == .minus)
    }

    @Test(
        "What is no JSON is refused with its place",
        arguments: [
            "", "{", "[1,", "[1 2]", "{1:2}", #"{"a"}"#, #"{"a":1,}"#, "nul", "+1", "1.2.3", "--1", #""a"#, #""\x""#,
            #""\u12""#, "1 2", "-", "'a'", "NaNa", #""\"#,
        ])
    func mistakes(text: String) {
        #expect(throws: JSONParseError.self) { try JSONParser.parse(text) }
    }

    @Test("Nesting is followed to its limit and not beyond")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONParser.parse(nested(JSONParser.defaultDepth))
        #expect(throws: JSONParseError.self) { try JSONParser.parse(nested(JSONParser.defaultDepth + 1)) }
        #expect(throws: JSONParseError.self) { try JSONParser.parse(nested(1_000_000)) }
    }

    @Test("What is written is strict JSON that reads back to the same")
    func roundTrip() throws {
        let value = JSONValue.object([
            "text": .string("quote \" back \\ line \n bell \u{7} é 😀"), "whole": .double(3), "third": .double(1 / 3),
            "tiny": .double(.leastNonzeroMagnitude), "large": .double(1.7976931348623157e308), "integer": .int(.min),
            "minus zero": .double(-0.0), "list": .array([.null, .bool(false)]),
        ])
        let text = value.text
        let strict = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect(strict is [String: Any])
        let back = try JSONParser.parse(text)
        #expect(back.text == text && back.object?["whole"] == .int(3))
        #expect(back.object?["third"] == .double(1 / 3) && back.object?["tiny"] == .double(.leastNonzeroMagnitude))
        #expect(JSONValue.array([.double(.nan), .double(.infinity)]).text == #"["NaN","Infinity"]"#)
    }

    @Test("No truncation and no flipped byte makes it crash")
    func fuzz() {
        let whole = Array(
            #"{"a":[1,-2.5e7,NaN,"x\u00e9\ud83d\ude00\n"],"b":{"c":null,"d":[true,false,-Infinity]}}"#.utf8)
        for end in 0..<whole.count { _ = try? JSONParser.parse(Array(whole[..<end])) }
        for _ in 0..<2_000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count)] = .random(in: 0...255)
            _ = try? JSONParser.parse(bytes)
        }
    }
}
