/// A value of fixed width: a result's array of these is read in one go, and written so.
///
/// The loops are requirements, so that each type has its own compiled here: called from another module, a generic one
/// would look up every element's operations.
package protocol PackedElement: Sendable {
    static var postgresElementType: PostgresType { get }
    static var postgresPackedType: PostgresType { get }
    associatedtype Bits: FixedWidthInteger
    init(packedBits: Bits)
    var packedBits: Bits { get }

    /// Reads `count` elements of an array's binary form, which holds as many.
    static func unpack(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Self]
    /// Appends a column of `copy` that is an array of these.
    static func pack(_ elements: [Self], into bytes: inout [UInt8])
}

extension Int16: PackedElement {
    package static var postgresElementType: PostgresType { .int2 }
    package static var postgresPackedType: PostgresType { .int2Array }
    package init(packedBits: Int16) { self = packedBits }
    package var packedBits: Int16 { self }
    package static func unpack(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Int16] { unpacked(bytes, count) }
    package static func pack(_ elements: [Int16], into bytes: inout [UInt8]) { appendPacked(elements, to: &bytes) }
}

extension Int32: PackedElement {
    package static var postgresElementType: PostgresType { .int4 }
    package static var postgresPackedType: PostgresType { .int4Array }
    package init(packedBits: Int32) { self = packedBits }
    package var packedBits: Int32 { self }
    package static func unpack(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Int32] { unpacked(bytes, count) }
    package static func pack(_ elements: [Int32], into bytes: inout [UInt8]) { appendPacked(elements, to: &bytes) }
}

extension Int64: PackedElement {
    package static var postgresElementType: PostgresType { .int8 }
    package static var postgresPackedType: PostgresType { .int8Array }
    package init(packedBits: Int64) { self = packedBits }
    package var packedBits: Int64 { self }
    package static func unpack(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Int64] { unpacked(bytes, count) }
    package static func pack(_ elements: [Int64], into bytes: inout [UInt8]) { appendPacked(elements, to: &bytes) }
}

extension Float: PackedElement {
    package static var postgresElementType: PostgresType { .float4 }
    package static var postgresPackedType: PostgresType { .float4Array }
    package init(packedBits: UInt32) { self.init(bitPattern: packedBits) }
    package var packedBits: UInt32 { bitPattern }
    package static func unpack(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Float] { unpacked(bytes, count) }
    package static func pack(_ elements: [Float], into bytes: inout [UInt8]) { appendPacked(elements, to: &bytes) }
}

extension Double: PackedElement {
    package static var postgresElementType: PostgresType { .float8 }
    package static var postgresPackedType: PostgresType { .float8Array }
    package init(packedBits: UInt64) { self.init(bitPattern: packedBits) }
    package var packedBits: UInt64 { bitPattern }
    package static func unpack(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Double] { unpacked(bytes, count) }
    package static func pack(_ elements: [Double], into bytes: inout [UInt8]) { appendPacked(elements, to: &bytes) }
}

/// Where an array's first element begins: after dimensions, null flag, element type, length and lower bound, 4 bytes each.
private let packedHeader = 20

@inline(__always)
private func unpacked<Element: PackedElement>(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        let size = 4 + MemoryLayout<Element.Bits>.size
        for index in 0..<count {
            // Each element's length is before it.
            let bits = bytes.loadUnaligned(fromByteOffset: packedHeader + 4 + index * size, as: Element.Bits.self)
            buffer.initializeElement(at: index, to: Element(packedBits: Element.Bits(bigEndian: bits)))
        }
        initialized = count
    }
}

@inline(__always)
private func appendPacked<Element: PackedElement>(_ elements: [Element], to bytes: inout [UInt8]) {
    let width = MemoryLayout<Element.Bits>.size
    let size = packedHeader + elements.count * (4 + width)
    let header = [Int32(size), 1, 0, Int32(bitPattern: Element.postgresElementType.rawValue), Int32(elements.count), 1]
    for value in header { bytes.append(bigEndian: value) }
    bytes += [UInt8](unsafeUninitializedCapacity: size - packedHeader) { buffer, initialized in
        let raw = UnsafeMutableRawBufferPointer(buffer)
        for (index, element) in elements.enumerated() {
            raw.storeBytes(of: Int32(width).bigEndian, toByteOffset: index * (4 + width), as: Int32.self)
            raw.storeBytes(
                of: element.packedBits.bigEndian, toByteOffset: index * (4 + width) + 4, as: Element.Bits.self)
        }
        initialized = size - packedHeader
    }
}

/// An array of numbers without nulls: 20 times faster to read than an array of decodables.
package struct PackedArray<Element: PackedElement>: PostgresDecodable {
    package let elements: [Element]

    package static func decode(_ cell: PostgresCell) throws(PostgresError) -> PackedArray {
        let bytes = try cell.bytes(of: Element.postgresPackedType)
        let width = MemoryLayout<Element.Bits>.size
        let count = bytes.bigEndian(Int32.self) == 1 ? Int(bytes.bigEndian(Int32.self, at: 12)) : 0
        // With a null in it the array is shorter than this.
        guard count == 0 || bytes.count == packedHeader + count * (4 + width) else {
            throw PostgresError(.unexpectedType, "column '\(cell.column)' is not an array of numbers without nulls")
        }
        return PackedArray(elements: Element.unpack(bytes, count: count))
    }
}
