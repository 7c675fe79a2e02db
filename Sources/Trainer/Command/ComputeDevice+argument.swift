import ArgumentParser
import CUDA
import FoundationEssentials

extension Precision: ExpressibleByArgument {
    /// What `SAGA_PRECISION` says; float32 if it is not set.
    static func ofEnvironment() throws -> Precision {
        try asked("SAGA_PRECISION", allCases.map(\.rawValue).joined(separator: ", ")) ?? .float32
    }
}

extension ComputeDevice: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }

    var defaultValueDescription: String { text }

    /// What `SAGA_DEVICE` says, by which whoever starts trainers tells where; the CPU if it is not set.
    static func ofEnvironment() throws -> ComputeDevice {
        try asked("SAGA_DEVICE", "cpu, cuda, cuda:N or auto") ?? .cpu
    }
}

extension ExpressibleByArgument {
    /// What an environment variable says, nil where it is not set or empty. A word that means nothing is an error: nobody
    /// shall find out hours later that something else was taken.
    fileprivate static func asked(_ variable: String, _ words: String) throws -> Self? {
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return nil }
        guard let value = Self(argument: text) else {
            throw ValidationError("\(variable) is '\(text)'; it may be \(words).")
        }
        return value
    }
}
