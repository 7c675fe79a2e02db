package import Tensor

/// From the device to the host.
extension CUDABackend {
    package func withValues<Result>(
        of buffer: Buffer, count: Int, _ body: (UnsafeBufferPointer<Float>) -> Result
    ) -> Result {
        reading(buffer, count: count).value.withUnsafeBufferPointer(body)
    }

    package func reading(_ buffer: Buffer, count: Int) -> Pending<[Float]> {
        guard count > 0 else { return Pending([]) }
        let operand = resolve(buffer)
        let copy = perform { () throws(TensorError) in
            try device.fetch(operand.pointer, bytes: count * operand.number.size)
        }
        return Pending { [self] in
            copy.flatMap { bytes(of: $0) }.map { operand.number.floats($0) } ?? [Float](repeating: .nan, count: count)
        }
    }

    /// Nil where something has failed.
    func bytes(of copy: any DeviceCopy) -> [UInt8]? { perform { () throws(TensorError) in try copy.bytes() } }
}

extension Number {
    func floats(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { bytes in
            switch self {
            case .float32: Array(bytes.bindMemory(to: Float.self))
            case .bfloat16: bytes.bindMemory(to: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
            case .float16: bytes.bindMemory(to: Float16.self).map { Float($0) }
            }
        }
    }
}
