/// W&B's transaction log, `run-ID.wandb`: records in the format of LevelDB's log.
///
/// After a header of 7 bytes (`:W&B`, two magic bytes, version 0) come blocks of 32 KiB; a record is one chunk or
/// several, none across a block's end: checksum (CRC-32 of type and data), length, type (whole, first, middle, last),
/// data. What is damaged or torn is skipped and counted, up to the next chunk that is whole.
struct TransactionLog: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var position = TransactionLog.headerSize
    /// Chunks that were damaged, records that lack a part.
    private(set) var skipped = 0
    /// Whether something was left out before the chunk read last: what is open then lacks a part.
    private var isBroken = false

    private static let headerSize = 7
    private static let blockSize = 32_768
    private static let chunkHeaderSize = 7

    /// Nil unless it begins as such a log does.
    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: [0x3A, 0x57, 0x26, 0x42, 0xE1, 0xBE, 0x00]) else { return nil }
        self.bytes = bytes
    }

    private enum Kind: UInt8 {
        case whole = 1
        case first = 2
        case middle = 3
        case last = 4
    }

    /// The next record that is whole.
    mutating func next() -> [UInt8]? {
        var parts: [UInt8] = []
        var isOpen = false
        while let (kind, data) = nextChunk() {
            if isBroken {
                isBroken = false
                isOpen = false
            }
            if isOpen != (kind == .middle || kind == .last) {
                // The end of a record whose beginning is missing, or a beginning where an end was due.
                skipped += 1
                isOpen = false
            }
            switch kind {
            case .whole: return Array(data)
            case .first:
                parts = Array(data)
                isOpen = true
            case .middle where isOpen: parts += data
            case .last where isOpen: return parts + data
            case .middle, .last: break
            }
        }
        if isOpen { skipped += 1 }
        return nil
    }

    private mutating func nextChunk() -> (Kind, ArraySlice<UInt8>)? {
        while position < bytes.count {
            let blockEnd = Swift.min((position / Self.blockSize + 1) * Self.blockSize, bytes.count)
            guard position + Self.chunkHeaderSize <= blockEnd else {
                // Fewer bytes than a chunk's head are left empty at a block's end; at the file's end they are torn.
                if blockEnd == bytes.count, blockEnd % Self.blockSize != 0 { skipped += 1 }
                position = blockEnd
                continue
            }
            let header = bytes[position..<position + Self.chunkHeaderSize]
            if header.allSatisfy({ $0 == 0 }) {
                // Room that was made and never written.
                position = blockEnd
                continue
            }
            let start = position + Self.chunkHeaderSize
            let end = start + Int(bytes[position + 4]) + Int(bytes[position + 5]) << 8
            guard end <= blockEnd, let kind = Kind(rawValue: bytes[position + 6]) else {
                // The length cannot be trusted: the next block begins with a chunk.
                skip()
                position = blockEnd
                continue
            }
            let checksum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[position + $1]) << (8 * UInt32($1)) }
            var crc = CRC32()
            crc.update(bytes[position + 6..<end])
            position = end
            guard crc.value == checksum else {
                skip()
                continue
            }
            return (kind, bytes[start..<end])
        }
        return nil
    }

    private mutating func skip() {
        skipped += 1
        isBroken = true
    }
}
