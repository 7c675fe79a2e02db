import Glibc
import Synchronization

/// Turns the first SIGTERM, SIGINT or SIGUSR1 (what Slurm is asked to send before the time is up) into a request to stop at the next safe place; a second one ends the process at
/// once, because the handler is taken away when it has been called.
package enum StopSignal {
    private static let received = Atomic<Int32>(0)

    /// Call before training starts.
    package static func install() {
        _ = received.load(ordering: .relaxed)  // a lazy global must not be made inside a signal handler
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { StopSignal.request($0) }
        action.sa_flags = CInt(bitPattern: 0x8000_0000) | SA_RESTART  // SA_RESETHAND
        for signal in [SIGTERM, SIGINT, SIGUSR1] { sigaction(signal, &action, nil) }
        // Whoever read our messages may leave; that is no reason to stop training.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signal that asked this process to stop, if one did.
    package static var pending: Int32? {
        let signal = received.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// As if no signal had come: for tests, whose process goes on.
    static func forget() { received.store(0, ordering: .relaxed) }

    private static func request(_ signal: Int32) {
        received.store(signal, ordering: .relaxed)
    }
}
