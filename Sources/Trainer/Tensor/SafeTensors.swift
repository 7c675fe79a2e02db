import Experiment
import FoundationEssentials

/// A safetensors file: an 8-byte header length, a JSON header naming each tensor's type, shape and place, then data.
///
/// Opened files are memory-mapped: only what is read is loaded. Everything in the header is checked against the file
/// before any data can be reached.
package struct SafeTensors {
    package enum ElementType: String, Sendable {
        case float64 = "F64"
        case float32 = "F32"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case int64 = "I64"
        case uint64 = "U64"
        case int32 = "I32"
        case uint32 = "U32"
        case int16 = "I16"
        case uint16 = "U16"
        case int8 = "I8"
        case uint8 = "U8"
        case bool = "BOOL"

        package var byteCount: Int {
            switch self {
            case .float64, .int64, .uint64: 8
            case .float32, .int32, .uint32: 4
            case .float16, .bfloat16, .int16, .uint16: 2
            case .int8, .uint8, .bool: 1
            }
        }
    }

    /// One tensor's description.
    package struct Entry: Sendable, Hashable {
        package let type: ElementType
        package let shape: [Int]
        /// Place within the data that follows the header.
        package let bytes: Range<Int>

        package var count: Int { shape.reduce(1, *) }
    }

    package let metadata: [String: String]
    package let entries: [String: Entry]
    private let file: FileBytes
    private let dataOffset: Int

    /// Maps the file at `path` and checks its header.
    package init(contentsOf path: String) throws(TensorError) {
        try self.init(FileBytes(mapping: path), source: path)
    }

    package init(bytes: [UInt8]) throws(TensorError) {
        try self.init(FileBytes(copying: bytes), source: "safetensors data")
    }

    private init(_ file: FileBytes, source: String) throws(TensorError) {
        let header = try SafeTensorsHeader(file.bytes, source: source)
        self.file = file
        metadata = header.metadata
        entries = header.entries
        dataOffset = header.dataOffset
    }

    package func entry(_ name: String) throws(TensorError) -> Entry {
        guard let entry = entries[name] else {
            throw TensorError(
                .missingTensor, "the file holds no tensor '\(name)'\(didYouMean(name, among: entries.keys))")
        }
        return entry
    }

    /// Values of an F32 tensor, row-major.
    package func floats(_ name: String) throws(TensorError) -> [Float] {
        try values(name, of: .float32, as: Float.self)
    }

    /// Values of an I32 tensor, row-major.
    package func int32s(_ name: String) throws(TensorError) -> [Int32] {
        try values(name, of: .int32, as: Int32.self)
    }

    /// Values of a U8 tensor, row-major.
    package func uint8s(_ name: String) throws(TensorError) -> [UInt8] {
        try values(name, of: .uint8, as: UInt8.self)
    }

    /// Copies an F32 tensor of exactly this shape to `destination`, without a copy in between.
    package func copyFloats(
        _ name: String, shape: [Int], to destination: UnsafeMutablePointer<Float>
    ) throws(TensorError) {
        let stored = try entry(name).shape
        guard stored == shape else {
            throw TensorError(.wrongShape, "tensor '\(name)' has shape \(stored) where \(shape) is needed")
        }
        let place = try place(of: name, .float32)
        copy(place, to: UnsafeMutableRawBufferPointer(start: destination, count: place.count))
    }

    private func values<Element>(
        _ name: String, of type: ElementType, as: Element.Type
    ) throws(TensorError) -> [Element] {
        let place = try place(of: name, type)
        let count = place.count / MemoryLayout<Element>.stride
        return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            copy(place, to: UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    /// Where in the file the tensor is, if it has this type.
    private func place(of name: String, _ type: ElementType) throws(TensorError) -> Range<Int> {
        let entry = try entry(name)
        guard entry.type == type else {
            throw TensorError(
                .wrongTensorType, "tensor '\(name)' is \(entry.type.rawValue) where \(type.rawValue) is needed")
        }
        return (dataOffset + entry.bytes.lowerBound)..<(dataOffset + entry.bytes.upperBound)
    }

    private func copy(_ place: Range<Int>, to destination: UnsafeMutableRawBufferPointer) {
        withExtendedLifetime(file) {
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: file.bytes[place]))
        }
    }
}
