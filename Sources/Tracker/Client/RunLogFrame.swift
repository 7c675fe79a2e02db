/// How a record lies in a run log: length of the payload (4 bytes, little-endian), CRC-32C of these four bytes and the
/// payload (4 bytes, little-endian), payload.
///
/// The checksum covers the length too, so that a damaged length cannot make other bytes look like a record.
enum RunLogFrame {
    static let headerSize = 8
    /// No record is longer: it must fit in one request, and a damaged length must not make a reader ask for 4 GiB.
    static let payloadLimit = 4 << 20

    static func encode(_ payload: some Collection<UInt8>) -> [UInt8] {
        let length = littleEndian(UInt32(payload.count))
        var frame: [UInt8] = []
        frame.reserveCapacity(headerSize + payload.count)
        frame += length
        frame += littleEndian(checksum(length, payload))
        frame += payload
        return frame
    }

    /// The payload's length that a header announces, or nil when it cannot be one.
    static func payloadLength(_ header: ArraySlice<UInt8>) -> Int? {
        let length = Int(number(header.prefix(4)))
        return (1...payloadLimit).contains(length) ? length : nil
    }

    static func isIntact(header: ArraySlice<UInt8>, payload: ArraySlice<UInt8>) -> Bool {
        number(header.dropFirst(4).prefix(4)) == checksum(Array(header.prefix(4)), payload)
    }

    private static func checksum(_ length: [UInt8], _ payload: some Collection<UInt8>) -> UInt32 {
        var checksum = CRC32C()
        checksum.update(length)
        checksum.update(payload)
        return checksum.value
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
