package import Foundation

extension Thread {
    /// A thread that counts as a member of `group` until `body` returns.
    package static func detachNewThread(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
        group.enter()
        detachNewThread {
            body()
            group.leave()
        }
    }
}

/// Runs `body` in `clients` threads at once; throws the first of their errors.
package func concurrently(_ clients: Int, _ body: @escaping @Sendable (_ client: Int) throws -> Void) throws {
    let failures = Failures()
    let group = DispatchGroup()
    for client in 0..<clients {
        Thread.detachNewThread(in: group) {
            do { try body(client) } catch { failures.add("\(error)") }
        }
    }
    group.wait()
    if let first = failures.first { throw Program.Failure(description: first) }
}
