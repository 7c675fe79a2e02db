/// The Castagnoli checksum (RFC 3720, appendix B.4), as iSCSI, ext4 and LevelDB use it; eight bytes a step ("slicing-by-8",
/// Kounavis and Berry, ISCC 2005).
package struct CRC32C {
    private var state: UInt32 = 0xffff_ffff

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var crc = state
        Self.tables.withUnsafeBufferPointer { table in
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let low = UInt32(truncatingIfNeeded: word) ^ crc
                let high = UInt32(truncatingIfNeeded: word >> 32)
                let first = table[Self.place(7, low)] ^ table[Self.place(6, low >> 8)]
                let second = table[Self.place(5, low >> 16)] ^ table[Self.place(4, low >> 24)]
                let third = table[Self.place(3, high)] ^ table[Self.place(2, high >> 8)]
                let fourth = table[Self.place(1, high >> 16)] ^ table[Self.place(0, high >> 24)]
                crc = first ^ second ^ third ^ fourth
                offset += 8
            }
            while offset < bytes.count {
                crc = table[Self.place(0, crc ^ UInt32(bytes[offset]))] ^ (crc >> 8)
                offset += 1
            }
        }
        state = crc
    }

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        array.withUnsafeBytes { update($0) }
    }

    package var value: UInt32 { ~state }

    private static func place(_ table: Int, _ byte: UInt32) -> Int { table << 8 | Int(byte & 0xff) }

    /// Table k gives the checksum of a byte with k zeros behind it.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { index in
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
            return value
        }
        for index in 256..<8 * 256 {
            let previous = tables[index - 256]
            tables.append(tables[Int(previous & 0xff)] ^ (previous >> 8))
        }
        return tables
    }()
}
