import Glibc

/// MD5 (RFC 1321): the sum by which W&B's clients name contents. It tells accidents, not attackers, and names files
/// only within one project.
struct MD5 {
    private var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    private var pending: [UInt8] = []
    private var length: UInt64 = 0

    mutating func update(_ bytes: some Sequence<UInt8>) {
        let before = pending.count
        pending.append(contentsOf: bytes)
        length &+= UInt64(pending.count - before)
        let whole = pending.count / 64 * 64
        pending.withUnsafeBufferPointer { buffer in
            for start in stride(from: 0, to: whole, by: 64) {
                Self.compress(UnsafeBufferPointer(rebasing: buffer[start..<start + 64]), into: &state)
            }
        }
        pending.removeFirst(whole)
    }

    /// Ends the message: 32 hexadecimal digits. The value must not be used afterwards.
    mutating func finish() -> String {
        let bits = length &* 8
        var tail: [UInt8] = [0x80]
        while (pending.count + tail.count) % 64 != 56 { tail.append(0) }
        for shift in stride(from: 0, to: 64, by: 8) { tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
        update(tail)
        let digits = Array("0123456789abcdef")
        return String(
            state.flatMap { word in
                [4, 0, 12, 8, 20, 16, 28, 24].map { (shift: UInt32) in digits[Int(word >> shift & 15)] }
            })
    }

    private static func compress(_ block: UnsafeBufferPointer<UInt8>, into state: inout [UInt32]) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        for i in 0..<64 {
            let (mix, word): (UInt32, Int) =
                switch i / 16 {
                case 0: ((b & c) | (~b & d), i)
                case 1: ((d & b) | (~d & c), (5 * i + 1) % 16)
                case 2: (b ^ c ^ d, (3 * i + 5) % 16)
                default: (c ^ (b | ~d), 7 * i % 16)
                }
            let value =
                UInt32(block[4 * word]) | UInt32(block[4 * word + 1]) << 8 | UInt32(block[4 * word + 2]) << 16
                | UInt32(block[4 * word + 3]) << 24
            let sum = a &+ mix &+ constants[i] &+ value
            let shift = shifts[i / 16 * 4 + i % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
        }
        for (i, value) in [a, b, c, d].enumerated() { state[i] = state[i] &+ value }
    }

    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    /// The whole parts of 2^32 |sin i|, i in radians from 1.
    private static let constants = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }
}
