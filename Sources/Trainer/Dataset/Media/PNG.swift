import CZlib

/// Writes PNG files (ISO/IEC 15948): 8-bit RGB, one zlib stream.
package enum PNG {
    package static func encode(_ image: Image) -> [UInt8] {
        // Each row is led by its filter; "up" (2) makes photographs smaller than none.
        let stride = image.width * 3
        var raw: [UInt8] = []
        raw.reserveCapacity((stride + 1) * image.height)
        for row in 0..<image.height {
            raw.append(row == 0 ? 0 : 2)
            for column in row * stride..<(row + 1) * stride {
                raw.append(row == 0 ? image.pixels[column] : image.pixels[column] &- image.pixels[column - stride])
            }
        }
        var header = bigEndian(image.width) + bigEndian(image.height)
        header += [8, 2, 0, 0, 0]  // 8 bits, RGB, deflate, adaptive filters, not interlaced
        return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
            + chunk("IHDR", header) + chunk("IDAT", deflate(raw)) + chunk("IEND", [])
    }

    private static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(UInt(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        // The buffer has the size that zlib asks for, so this cannot fail.
        compress2(&result, &length, bytes, UInt(bytes.count), 6)
        return Array(result.prefix(Int(length)))
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return bigEndian(data.count) + body + bigEndian(Int(crc32(0, body, UInt32(body.count))))
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
}
