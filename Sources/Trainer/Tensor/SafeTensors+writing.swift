import Experiment
import FoundationEssentials
import Glibc

extension SafeTensors {
    /// A tensor to be written. Memory that it points to must stay until ``write(_:metadata:to:)`` returns.
    package struct Output {
        package let name: String
        package let shape: [Int]
        let type: ElementType
        let payload: Payload

        enum Payload {
            case floats([Float])
            case int32s([Int32])
            case uint8s([UInt8])
            case memory(UnsafeRawBufferPointer)
        }

        package init(_ name: String, shape: [Int], floats: [Float]) {
            (self.name, self.shape, type, payload) = (name, shape, .float32, .floats(floats))
        }

        package init(_ name: String, shape: [Int], int32s: [Int32]) {
            (self.name, self.shape, type, payload) = (name, shape, .int32, .int32s(int32s))
        }

        package init(_ name: String, shape: [Int], uint8s: [UInt8]) {
            (self.name, self.shape, type, payload) = (name, shape, .uint8, .uint8s(uint8s))
        }

        package init(_ name: String, shape: [Int], memory: UnsafePointer<Float>) {
            (self.name, self.shape, type) = (name, shape, .float32)
            payload = .memory(UnsafeRawBufferPointer(start: memory, count: shape.reduce(4, *)))
        }

        func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            switch payload {
            case .floats(let values): try values.withUnsafeBytes(body)
            case .int32s(let values): try values.withUnsafeBytes(body)
            case .uint8s(let values): try values.withUnsafeBytes(body)
            case .memory(let bytes): try body(bytes)
            }
        }
    }

    /// Writes a file that is either wholly there or not at all: to a temporary name beside it, synced, then renamed.
    /// Throws ``TensorError``.
    package static func write(
        _ tensors: [Output], metadata: [String: String] = [:], to path: String
    ) throws {
        let header = try header(of: tensors, metadata: metadata)
        let file = try AtomicFile(path)
        try header.withUnsafeBytes(file.write)
        for tensor in tensors { try tensor.withBytes(file.write) }
        try file.commit()
    }

    /// The length and the JSON, padded with blanks so that the data starts at a multiple of 8.
    private static func header(of tensors: [Output], metadata: [String: String]) throws(TensorError) -> [UInt8] {
        var members: [String: JSONValue] = [:]
        if !metadata.isEmpty { members["__metadata__"] = .object(metadata.mapValues { .string($0) }) }
        var offset = 0
        for tensor in tensors {
            let count = tensor.withBytes(\.count)
            guard tensor.shape.reduce(tensor.type.byteCount, *) == count, members[tensor.name] == nil else {
                throw TensorError(
                    .wrongShape, "tensor '\(tensor.name)' of shape \(tensor.shape) holds \(count) bytes or comes twice")
            }
            members[tensor.name] = .object([
                "dtype": .string(tensor.type.rawValue),
                "shape": .array(tensor.shape.map { .int(Int64($0)) }),
                "data_offsets": .array([.int(Int64(offset)), .int(Int64(offset + count))]),
            ])
            offset += count
        }
        var json = Array(JSONValue.object(members).canonicalText.utf8)
        json += [UInt8](repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
    }
}
