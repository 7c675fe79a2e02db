import Experiment
import FoundationEssentials

/// The header of a safetensors file, every number in it checked.
struct SafeTensorsHeader {
    let metadata: [String: String]
    let entries: [String: SafeTensors.Entry]
    let dataOffset: Int

    /// The format's own limit.
    private static let maximumSize: UInt64 = 100_000_000

    init(_ file: UnsafeRawBufferPointer, source: String) throws(TensorError) {
        func malformed(_ reason: String) -> TensorError {
            TensorError(.malformedSafeTensors, "\(source) is not a whole safetensors file: \(reason)")
        }
        guard file.count >= 8 else { throw malformed("it has \(file.count) bytes and no header") }
        let size = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard size <= SafeTensorsHeader.maximumSize, size <= UInt64(file.count - 8) else {
            throw malformed("its header claims \(size) bytes and \(file.count - 8) follow")
        }
        dataOffset = 8 + Int(size)
        guard let json = try? JSONCoding.decode(JSONValue.self, from: Data(file[8..<dataOffset])),
            case .object(var members) = json
        else { throw malformed("its header is not a JSON object") }
        var metadata: [String: String] = [:]
        if let value = members.removeValue(forKey: "__metadata__") {
            guard case .object(let pairs) = value else { throw malformed("__metadata__ is not an object") }
            for (key, value) in pairs {
                guard case .string(let text) = value else { throw malformed("metadata '\(key)' is not a text") }
                metadata[key] = text
            }
        }
        var entries: [String: SafeTensors.Entry] = [:]
        for (name, value) in members {
            guard let entry = SafeTensors.Entry(value) else {
                throw malformed("tensor '\(name)' has no usable dtype, shape and data_offsets")
            }
            entries[name] = entry
        }
        // As the reference implementation does: the tensors cover the data without holes and overlaps.
        var end = 0
        let inOrder = entries.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound) < (
                $1.value.bytes.lowerBound, $1.value.bytes.upperBound
            )
        }
        for (name, entry) in inOrder {
            guard entry.bytes.lowerBound == end else { throw malformed("tensor '\(name)' leaves a hole or overlaps") }
            end = entry.bytes.upperBound
        }
        guard end == file.count - dataOffset else {
            throw malformed("its tensors take \(end) bytes and \(file.count - dataOffset) follow the header")
        }
        self.metadata = metadata
        self.entries = entries
    }
}

extension SafeTensors.Entry {
    /// Nil unless type, shape and offsets are all there and agree.
    fileprivate init?(_ value: JSONValue) {
        guard case .object(let members) = value,
            case .string(let typeName)? = members["dtype"],
            let type = SafeTensors.ElementType(rawValue: typeName),
            let shape = members["shape"].flatMap(sizes),
            let offsets = members["data_offsets"].flatMap(sizes),
            offsets.count == 2, offsets[0] <= offsets[1]
        else { return nil }
        var byteCount = type.byteCount
        for size in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            byteCount = product
        }
        guard offsets[1] - offsets[0] == byteCount else { return nil }
        self.init(type: type, shape: shape, bytes: offsets[0]..<offsets[1])
    }
}

/// An array of non-negative whole numbers.
private func sizes(_ value: JSONValue) -> [Int]? {
    guard case .array(let items) = value else { return nil }
    var result: [Int] = []
    for item in items {
        guard case .int(let size) = item, size >= 0 else { return nil }
        result.append(Int(size))
    }
    return result
}
