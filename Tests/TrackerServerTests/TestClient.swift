import Experiment
import Foundation
import TrackerClient

/// The real client, one connection a request, without blocking the server's threads.
struct TestClient: Sendable {
    struct Answer: Sendable {
        var status: Int
        var body: Data
    }

    let address: TrackerAddress

    func send(_ method: HTTPClient.Method, _ path: String, body: Data? = nil) async throws -> Answer {
        try await blocking {
            let answer = try HTTPClient(address: address).send(method, path, body: body)
            return Answer(status: answer.status, body: answer.body)
        }
    }
}
