import Experiment
import Logging
import TestSupport
import Testing
import TrackerStore

@testable import TrackerServer

@Suite("Loopback guard")
struct LoopbackTests {
    @Test("Only the machine's own names and the server's own pages get in")
    func requests() async throws {
        try await withServer { server in
            for (headers, status) in Self.table {
                let headers = headers.map { $0.replacing("%", with: "\(server.port)") }
                let answer = try await RawRequest.send("GET", "/health", port: server.port, headers: headers)
                #expect(answer.status == status, "\(headers)")
            }
        }
    }

    /// `%` stands for the server's port.
    static let table: [(headers: [String], status: Int)] = [
        (["Host: 127.0.0.1:%"], 200), (["Host: localhost:%"], 200), (["Host: LOCALHOST"], 200),
        (["Host: [::1]:%"], 200), (["Host: evil.example"], 403), (["Host: 127.0.0.1.evil.example"], 403),
        (["Host: localhost.evil.example:%"], 403), (["Host: 192.168.0.1"], 403), (["Host: "], 403),
        (["Host: 127.0.0.1:%", "Origin: http://127.0.0.1:%"], 200),
        (["Host: 127.0.0.1:%", "Origin: http://evil.example"], 403),
        (["Host: 127.0.0.1:%", "Origin: http://127.0.0.1:1"], 403),
        (["Host: 127.0.0.1:%", "Origin: https://127.0.0.1:%"], 403), (["Host: 127.0.0.1:%", "Origin: null"], 403),
        (["Host: 127.0.0.1:%", "Sec-Fetch-Site: cross-site"], 403),
        (["Host: 127.0.0.1:%", "Sec-Fetch-Site: same-site"], 403),
        (["Host: 127.0.0.1:%", "Sec-Fetch-Site: same-origin"], 200),
        (["Host: 127.0.0.1:%", "Sec-Fetch-Site: none"], 200),
    ]

    @Test("Other hosts are not listened on")
    func foreignHosts() async throws {
        try await withScratchStore { store in
            for host in ["0.0.0.0", "::", "192.168.0.1", "example.org", "127.0.0.1.x", "127.0.0", ""] {
                var options = ServerOptions(port: 0)
                options.host = host
                let refused = options
                let error = #expect(throws: ServerError.self) { try Self.server(store, refused) }
                #expect(error?.code == "not_loopback")
            }
        }
    }

    @Test("A port in use is one clear error")
    func portInUse() async throws {
        try await withServer { first in
            let error = await #expect(throws: ServerError.self) {
                try await withServer(store: first.store, home: first.home, port: first.port) { _ in }
            }
            #expect(error?.code == "port_in_use")
            #expect(error?.description.contains("--port") == true)
        }
    }

    private static func server(_ store: TrackerStore, _ options: ServerOptions) throws -> TrackerServer {
        try TrackerServer(
            store: store, home: SagaHome(path: "/nowhere"), options: options, logger: Logger(label: "test"))
    }
}
