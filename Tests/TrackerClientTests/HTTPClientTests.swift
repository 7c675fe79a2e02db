import Experiment
import Foundation
import Testing

@testable import TrackerClient

@Suite("HTTP client")
struct HTTPClientTests {
    @Test("A redirect is an answer like any other and is not followed")
    func redirect() throws {
        let target = CannedServer(answer: Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]".utf8))
        let server = CannedServer(
            answer: Array("HTTP/1.1 307 Temporary\r\nLocation: \(target.url)/\r\nContent-Length: 0\r\n\r\n".utf8))
        defer {
            target.stop()
            server.stop()
        }
        let client = try HTTPClient(address: TrackerAddress(url: server.url, token: "secret"))
        #expect(try client.send(.get, "/").status == 307)
        #expect(target.connections == 0)
    }

    @Test(
        "An answer that is not a tracker's is an error with a sentence",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "bad_answer"),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "bad_answer"),
            (
                "HTTP/1.1 404 Not Found\r\nContent-Length: 35\r\n\r\n{\"code\":\"unknown\",\"message\":\"none\"}",
                "unknown"
            ),
            ("garbage\r\n\r\n", "bad_answer"),
            ("", "unreachable"),
        ])
    func strangeAnswers(_ answer: String, _ code: String) async throws {
        let server = CannedServer(answer: Array(answer.utf8))
        defer { server.stop() }
        let client = SweepClient(address: TrackerAddress(url: server.url))
        let error = await #expect(throws: TrackerClientError.self) { try await client.sweeps() }
        #expect(error?.code == code)
    }

    @Test("An answer without end is cut off")
    func endless() throws {
        let head = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
        let server = CannedServer(answer: head + [UInt8](repeating: 0x20, count: 4 << 20))
        defer { server.stop() }
        let client = try HTTPClient(address: TrackerAddress(url: server.url), responseLimit: 1 << 20)
        let error = #expect(throws: TrackerClientError.self) { try client.send(.get, "/") }
        #expect(error?.code == "bad_answer")
    }

    @Test(
        "Only HTTP is spoken",
        arguments: ["file:///etc/passwd", "gopher://127.0.0.1:1", "ftp://127.0.0.1", "not an address", ""])
    func schemes(_ url: String) throws {
        let client = try HTTPClient(address: TrackerAddress(url: url))
        #expect(throws: TrackerClientError.self) { try client.send(.get, "/") }
    }

    @Test("When nobody listens, the sentence says what to do")
    func unreachable() async throws {
        let client = SweepClient(address: TrackerAddress(url: "http://127.0.0.1:1"))
        let error = await #expect(throws: TrackerClientError.self) { try await client.sweep("x") }
        #expect(error?.code == "unreachable")
        #expect(error?.description.contains("tracker serve") == true)
        #expect(error?.description.contains("SAGA_URL") == true)
        #expect(error?.isTransient == true)
    }

    @Test(
        "Parts of an address are percent-encoded",
        arguments: [
            ("plain-1_2.x", "plain-1_2.x"), ("a b/c?d#e", "a%20b%2Fc%3Fd%23e"), ("ä%\n", "%C3%A4%25%0A"),
            ("../..", "..%2F.."),
        ])
    func encoding(_ text: String, _ expected: String) {
        #expect(percentEncoded(text) == expected)
    }
}
