import Dispatch

/// Runs what reads for seconds on a thread of its own: the few threads of Swift's pool watch the trainers.
func blocking<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
    await withCheckedContinuation { done in
        DispatchQueue.global().async { done.resume(returning: body()) }
    }
}
