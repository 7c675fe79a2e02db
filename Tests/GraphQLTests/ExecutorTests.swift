import Experiment
import Testing

@testable import GraphQL

@Suite("GraphQL executor")
struct ExecutorTests {
    @Test(
        "Queries in the forms that clients write them are answered",
        arguments: [
            ("{name}", #"{"name":"city"}"#),
            ("\n#graphql\nquery Q { name, nothing { x } }", #"{"name":"city","nothing":null}"#),
            ("{ a: name b: name }", #"{"a":"city","b":"city"}"#),
            ("{ book(number: 3) { title(prefix: \"B\") number } }", #"{"book":{"title":"B 3","number":3}}"#),
            ("{ book { title } }", #"{"book":null}"#),
            ("{ books { number } }", #"{"books":[{"number":0},{"number":1}]}"#),
            ("{ books(first: 0) { number } }", #"{"books":[]}"#),
            ("query ($n: Int! = 7) { book(number: $n) { number } }", #"{"book":{"number":7}}"#),
            (
                "{ book(number: 1) { ...F } } fragment F on Book { number ... on Book { title } }",
                #"{"book":{"number":1,"title":"book 1"}}"#
            ),
            ("{ book(number: 1) { number } book(number: 1) { title } }", #"{"book":{"number":1,"title":"book 1"}}"#),
            ("{ name @include(if: false) nan @skip(if: false) }", #"{"nan":["NaN","-Infinity",0.5]}"#),
            ("query ($yes: Boolean!) { name @skip(if: $yes) ... @include(if: $yes) { name } }", #"{"name":"city"}"#),
            (
                "{ __typename book(number: 0) { __typename } }",
                #"{"__typename":"Library","book":{"__typename":"Book"}}"#
            ),
            (
                "{ echo(a: [1, -2.5, ENUM, true, null], b: {c: {d: \"e\\n\\u00e9\"}}) }",
                #"{"echo":{"a":[1,-2.5,"ENUM",true,null],"b":{"c":{"d":"e\né"}}}}"#
            ),
            ("{ echo(a: \"\"\"\n    one\n      two \\\"\"\" \n    \"\"\") }", #"{"echo":{"a":"one\n  two \"\"\" "}}"#),
            ("mutation M($i: [JSONString!]! = [\"x\"]) @live { echo(a: $i) }", #"{"echo":{"a":["x"]}}"#),
            ("query ($none: String) { echo(a: $none, b: [$none]) }", #"{"echo":{"b":[null]}}"#),
        ])
    func forms(query: String, data: String) async throws {
        #expect(try await answer(query, ["yes": .bool(true)]) == #"{"data":\#(data)}"#)
    }

    @Test("Of several operations the named one is done")
    func operations() async throws {
        let query = "query A { name } query B { book(number: 2) { number } }"
        #expect(try await answer(query, operation: "B") == #"{"data":{"book":{"number":2}}}"#)
        #expect(try await answer(query, operation: "C").contains("no_operation"))
        #expect(try await answer(query).hasPrefix(#"{"data":null,"errors":"#))
    }

    @Test("A variable that is null is a value, one that is missing is none")
    func nulls() async throws {
        let query = "query ($a: String, $b: String) { echo(a: $a, b: $b) }"
        #expect(try await answer(query, ["a": .null]) == #"{"data":{"echo":{"a":null}}}"#)
    }

    @Test("An error of one field is told with its place, and the rest answered")
    func fieldError() async throws {
        let text = try await answer("{ name books(first: 1) { library { oh: broken } } }")
        #expect(text.hasPrefix(#"{"data":{"name":"city","books":[{"library":{"oh":null}}]},"errors":[{"#))
        #expect(text.contains(#""path":["books",0,"library","oh"]"#) && text.contains("it is broken; mend it"))
    }

    @Test("An error that nobody can explain ends the request")
    func unexplained() async throws {
        await #expect(throws: CancellationError.self) { try await answer("{ name lost }") }
    }

    @Test(
        "What is no GraphQL, or too much of it, is refused with a code",
        arguments: [
            ("", "no_operation"), ("{", "bad_query"), ("{}}", "bad_query"), ("{a(b:)}", "bad_query"),
            ("query {", "bad_query"), ("type A { b: Int }", "bad_query"), ("{a(b: \"c)}", "bad_query"),
            ("{a(b: 1.2.3)}", "bad_query"), ("{ . }", "bad_query"), ("{ a ü }", "bad_query"),
            ("{ ...F }", "bad_query"), ("subscription { a }", "no_subscriptions"),
            ("{ ...A } fragment A on X { ...B } fragment B on X { ...A }", "bad_query"),
            (String(repeating: "{a", count: 100) + String(repeating: "}", count: 100), "too_large"),
            ("{a(b:" + String(repeating: "[", count: 10_000) + ")}", "too_large"),
            ("query($a: " + String(repeating: "[", count: 10_000) + "){a}", "too_large"),
            ("{" + (0..<5_000).map { "a\($0): name " }.joined() + "}", "too_large"),
            ("{" + String(repeating: "name ", count: 30_000) + "}", "too_large"),
            ("{ name }" + String(repeating: " ", count: 300_000), "too_large"),
            // Nine fragments, each the one before ten times: 10^9 fields.
            (
                "{ ...F9 } fragment F0 on X { name } "
                    + (1...9).map { "fragment F\($0) on X { " + String(repeating: "...F\($0 - 1) ", count: 10) + "} " }
                    .joined(),
                "too_large"
            ),
        ])
    func refusals(query: String, code: String) async throws {
        let text = try await answer(query)
        #expect(text.hasPrefix(#"{"data":null,"errors":"#) && text.contains(#""code":"\#(code)""#), "\(text)")
    }

    @Test("Lists within lists cannot make an answer without end")
    func answers() async throws {
        var limits = GraphQLLimits()
        limits.answers = 1_000
        let nested = "{ books(first: 99) { library { books(first: 99) { library { books(first: 99) { number } } } } } }"
        #expect(try await answer(nested, limits: limits).contains("too_large"))
    }

    @Test("Whatever bytes come, there is an answer")
    func fuzz() async throws {
        var random = SystemRandomNumberGenerator()
        let words = [
            "{", "}", "(", ")", "[", "]", "...", "on", "query", "name", "\"", "\"\"\"", "\\", ":", "$", "@include(if:",
            "#", "\n", "1e9", "-", "fragment", "é", "\0", "=",
        ]
        let whole =
            "query Q($a: [Int!] = [1, 2]) { a: book(number: $a) @skip(if: false) { ...F title(prefix: \"x\\u0041\") } } fragment F on Book { number }"
        for round in 0..<400 {
            let text: String
            switch round % 3 {
            case 0:
                text = (0..<Int.random(in: 0...40)).compactMap { _ in words.randomElement() }.joined(
                    separator: Bool.random() ? " " : "")
            case 1: text = String(whole.prefix(Int.random(in: 0...whole.count)))
            default:
                var bytes = Array(whole.utf8)
                for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255, using: &random) }
                text = String(decoding: bytes, as: UTF8.self)
            }
            let answer = try await answer(text)
            #expect((try? JSONParser.parse(answer))?.object?["data"] != nil, "\(text)")
        }
    }
}
