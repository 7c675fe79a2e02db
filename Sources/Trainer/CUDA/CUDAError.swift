import Experiment

/// Why there is no GPU to compute on.
package struct CUDAError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        case noDriver = "no_cuda_driver"
        case driverFailed = "cuda_driver_failed"
        case noDevice = "no_such_gpu"
        case unsuitableDevice = "unsuitable_gpu"
        case missingLibrary = "missing_cuda_library"
        case kernelsNotCompiled = "kernels_not_compiled"
        case invalidDevice = "invalid_device"
        case invalidSetting = "invalid_setting"
    }

    package let kind: Code
    package let description: String

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
