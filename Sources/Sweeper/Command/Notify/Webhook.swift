import Experiment
import Foundation
import TrackerClient

/// An address that is told by HTTP POST, in JSON.
///
/// Only what a person typed on this machine becomes one, or what stands in the sweep file that they run, which names
/// programs to start as well: nobody who runs a tracker can make this machine call a third. No redirect is followed, and
/// no token is sent.
struct Webhook: Sendable {
    /// Seconds that an exchange may take.
    static let timeout = 10

    private let origin: String
    private let path: String

    /// Nil for what is no plain HTTP or HTTPS address.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }),
            let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        guard !host.isEmpty else { return nil }
        origin = scheme + host
        let path = rest.dropFirst(host.count)
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
    }

    /// Nil when it was taken, else why not.
    func post(_ body: Data) -> String? {
        do {
            // Answers are not read: a few bytes say all that is shown of them.
            let client = try HTTPClient(
                address: TrackerAddress(url: origin), timeout: Webhook.timeout, responseLimit: 1 << 20)
            let status = try client.send(.post, path, body: body).status
            return (200..<300).contains(status) ? nil : "it answers with HTTP status \(status)"
        } catch {
            return error.code == TrackerClientError.unreachable
                ? "nothing answers at \(origin)" : "\(origin) gives no answer of HTTP"
        }
    }
}
