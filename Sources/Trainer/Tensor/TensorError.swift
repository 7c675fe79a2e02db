import Experiment

/// What the Tensor room cannot do with what it was given.
package struct TensorError: UserFacingError, Hashable {
    package enum Code: String, Sendable {
        case unreadableFile = "unreadable_file"
        case unwritableFile = "unwritable_file"
        case malformedSafeTensors = "malformed_safetensors"
        case missingTensor = "missing_tensor"
        case wrongTensorType = "wrong_tensor_type"
        case wrongShape = "wrong_shape"
        case noConvergence = "no_convergence"
        case deviceFailed = "device_failed"
        case outOfDeviceMemory = "out_of_device_memory"
    }

    package let kind: Code
    package let description: String

    package var code: String { kind.rawValue }

    package init(_ kind: Code, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
