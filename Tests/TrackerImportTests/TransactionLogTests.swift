import Testing

@testable import TrackerImport

@Suite("W&B's transaction log")
struct TransactionLogTests {
    private static let head: [UInt8] = [0x3A, 0x57, 0x26, 0x42, 0xE1, 0xBE, 0x00]

    /// Writes records as the client does.
    private func log(_ records: [[UInt8]]) -> [UInt8] {
        var bytes = Self.head
        for record in records {
            var rest = record[...]
            var isFirst = true
            repeat {
                let left = 32_768 - bytes.count % 32_768
                if left < 7 { bytes += [UInt8](repeating: 0, count: left) }
                let room = 32_768 - bytes.count % 32_768 - 7
                let part = rest.prefix(room)
                rest = rest.dropFirst(room)
                let kind: UInt8 = isFirst ? (rest.isEmpty ? 1 : 2) : (rest.isEmpty ? 4 : 3)
                isFirst = false
                var crc = CRC32()
                crc.update([kind] + part)
                bytes += (0..<4).map { UInt8(truncatingIfNeeded: crc.value >> (8 * UInt32($0))) }
                bytes += [UInt8(part.count & 0xFF), UInt8(part.count >> 8), kind] + part
            } while !rest.isEmpty
        }
        return bytes
    }

    private let records = [1, 10, 32_754, 5, 70_000, 0, 3].enumerated().map { index, size in
        [UInt8](repeating: UInt8(index + 1), count: size)
    }

    private func read(_ bytes: [UInt8]) throws -> (records: [[UInt8]], skipped: Int) {
        var log = try #require(TransactionLog(bytes))
        var records: [[UInt8]] = []
        while let record = log.next() { records.append(record) }
        return (records, log.skipped)
    }

    @Test("The checksum is zlib's")
    func checksum() {
        var crc = CRC32()
        crc.update(Array("123456789".utf8))
        #expect(crc.value == 0xCBF4_3926)
    }

    @Test("Records come back, also those over several blocks")
    func whole() throws {
        let (found, skipped) = try read(log(records))
        #expect(found == records && skipped == 0)
    }

    @Test("Cut anywhere, a log gives the records before the cut")
    func cut() throws {
        let bytes = log(records)
        for end in stride(from: 7, to: bytes.count, by: 4_999) {
            let (found, _) = try read(Array(bytes[..<end]))
            #expect(found == Array(records.prefix(found.count)) && found.count < records.count)
        }
    }

    @Test("A flipped byte anywhere costs records, but makes none up and stops nothing")
    func flipped() throws {
        let bytes = log(records)
        for place in Array(stride(from: 50, to: bytes.count - 10, by: 8_999)) + [7, 11, 12, 13, 14] {
            var damaged = bytes
            damaged[place] ^= 0xFF
            let (found, skipped) = try read(damaged)
            let areOurs = found.allSatisfy(records.contains)
            #expect(areOurs, "\(place)")
            #expect(skipped > 0, "\(place)")
            // A length that cannot be trusted costs its block, and the records that begin or end in it.
            #expect(found.count >= records.count - 4 && found.last == records.last, "\(place)")
        }
    }

    @Test("What does not begin as a log is none", arguments: [[], [0x3A], Array("hello world".utf8)] as [[UInt8]])
    func noLog(_ bytes: [UInt8]) {
        #expect(TransactionLog(bytes) == nil)
    }

    @Test("Messages cut anywhere are read without harm")
    func messages() {
        let bytes: [UInt8] = [
            0x0A, 0x03, 0x61, 0x62, 0x63, 0x10, 0xAC, 0x02, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x1D, 1, 2, 3, 4,
        ]
        #expect(ProtobufReader(bytes[...]).map(\.number) == [1, 2, 3, 3])
        #expect(ProtobufReader(bytes[...]).map(\.int)[1] == 300)
        for end in bytes.indices { _ = Array(ProtobufReader(bytes[..<end])) }
        #expect(Array(ProtobufReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF][...])).isEmpty)
        #expect(Array(ProtobufReader([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F][...])).isEmpty)
    }
}
