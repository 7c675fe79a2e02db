/// A PNG file, as far as a sheet needs to know it.
struct PNG: Hashable {
    let bytes: [UInt8]
    let width: Int
    let height: Int

    /// Nil unless the bytes begin as a PNG file does: signature, then the header with a size (PNG specification, 11.2.2).
    init?(_ bytes: [UInt8]) {
        guard bytes.count > 24, bytes.prefix(8) == [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
            bytes[12..<16] == [0x49, 0x48, 0x44, 0x52]
        else { return nil }
        func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        width = number(at: 16)
        height = number(at: 20)
        guard width > 0, height > 0 else { return nil }
        self.bytes = bytes
    }
}
