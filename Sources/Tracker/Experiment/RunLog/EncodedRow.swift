import FoundationEssentials

/// What one log call wrote, as it lies in a payload (``RunLogPayload``); valid only as long as its bytes are.
package struct EncodedRow {
    package let sequence: Int64
    package let step: Int64
    /// Microseconds since 1970.
    package let time: Int64
    package let count: Int
    /// Equal bytes are equal names in equal order.
    package let names: UnsafeRawBufferPointer
    private let values: UnsafeRawBufferPointer
    private let othersText: UnsafeRawBufferPointer

    static let headerSize = 33

    /// Nil where the parts do not fit into the whole.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerSize else { return nil }
        func number<Value: FixedWidthInteger>(at offset: Int, _: Value.Type) -> Value {
            Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
        sequence = number(at: 1, Int64.self)
        step = number(at: 9, Int64.self)
        time = number(at: 17, Int64.self)
        count = Int(number(at: 25, UInt32.self))
        let namesEnd = Self.headerSize + Int(number(at: 29, UInt32.self))
        let valuesEnd = namesEnd + count * 8
        guard valuesEnd <= bytes.count else { return nil }
        names = UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize..<namesEnd])
        values = UnsafeRawBufferPointer(rebasing: bytes[namesEnd..<valuesEnd])
        othersText = UnsafeRawBufferPointer(rebasing: bytes[valuesEnd...])
    }

    package func value(_ index: Int) -> Double {
        Double(bitPattern: UInt64(littleEndian: values.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)))
    }

    /// Nil where the bytes are not `count` names.
    package func decodedNames() -> [String]? {
        var decoded: [String] = []
        var offset = 0
        for _ in 0..<count {
            guard offset + 2 <= names.count else { return nil }
            let length = Int(UInt16(littleEndian: names.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
            offset += 2
            guard offset + length <= names.count,
                let name = String(validating: names[offset..<offset + length], as: UTF8.self)
            else { return nil }
            decoded.append(name)
            offset += length
        }
        return offset == names.count ? decoded : nil
    }

    /// What is no number; nil where the bytes are not the JSON text of an object.
    package func others() -> [String: JSONValue]? {
        othersText.isEmpty ? [:] : try? JSONCoding.decode([String: JSONValue].self, from: Data(othersText))
    }

    var row: MetricRow? {
        guard let names = decodedNames(), let others = others() else { return nil }
        let values = Dictionary(zip(names, (0..<count).map(value))) { $1 }
        return MetricRow(
            step: step, time: Date(timeIntervalSince1970: Double(time) / 1_000_000), values: values, others: others)
    }
}

extension Date {
    /// Microseconds since 1970, rounded; a time that does not fit becomes the nearest that does.
    package var microseconds: Int64 {
        let exact = (timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: exact) ?? (exact < 0 ? .min : .max)
    }
}
