/// How a record lies in a run log and travels to the tracker: length of the payload (4 bytes, little-endian), CRC-32C of
/// these four bytes and the payload (4 bytes, little-endian), payload (``RunLogPayload``).
///
/// The checksum covers the length too, so that a damaged length cannot make other bytes look like a record.
package enum RunLogFrame {
    package static let headerSize = 8
    /// No record is longer: it must fit in one request, and a damaged length must not make a reader ask for 4 GiB.
    package static let payloadLimit = 4 << 20

    /// Fills in the header of a frame whose first 8 bytes were left free for it.
    package static func seal(_ frame: inout [UInt8]) {
        let length = UInt32(frame.count - headerSize)
        frame.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
            let checksum = checksum(UnsafeRawBufferPointer(bytes))
            bytes.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }

    /// A frame around a payload that is at hand.
    package static func encode(_ payload: some Collection<UInt8>) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: headerSize)
        frame += payload
        seal(&frame)
        return frame
    }

    /// The payload's length that the header at the beginning of `bytes` announces; nil when it cannot be one.
    package static func payloadLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= headerSize else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
        return (1...payloadLimit).contains(length) ? length : nil
    }

    /// Whether the frame that `bytes` begin with is there to its end and undamaged.
    package static func isIntact(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let length = payloadLength(bytes), bytes.count >= headerSize + length else { return false }
        let expected = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        return checksum(UnsafeRawBufferPointer(rebasing: bytes[..<(headerSize + length)])) == expected
    }

    private static func checksum(_ frame: UnsafeRawBufferPointer) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(UnsafeRawBufferPointer(rebasing: frame[..<4]))
        checksum.update(UnsafeRawBufferPointer(rebasing: frame[headerSize...]))
        return checksum.value
    }
}
