import ArgumentParser
import CUDA
import FoundationEssentials

extension Precision: ExpressibleByArgument {
    /// `SAGA_PRECISION`; float32 if it is not set or names none.
    static var ofEnvironment: Precision {
        ProcessInfo.processInfo.environment["SAGA_PRECISION"].flatMap { Precision(rawValue: $0) } ?? .float32
    }
}

extension ComputeDevice: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }

    var defaultValueDescription: String { text }

    /// `SAGA_DEVICE`, by which whoever starts trainers says where; the CPU if it is not set or names no device.
    static var ofEnvironment: ComputeDevice {
        ProcessInfo.processInfo.environment["SAGA_DEVICE"].flatMap { ComputeDevice($0) } ?? .cpu
    }
}
