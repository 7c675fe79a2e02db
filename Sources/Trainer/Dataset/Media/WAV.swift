/// Writes RIFF WAVE files: 16-bit PCM, mono.
package enum WAV {
    /// A whole file of `samples`, which lie in [-1, 1]; what lies outside is clipped.
    package static func encode(_ samples: [Float], sampleRate: Int) -> [UInt8] {
        var bytes = Array("RIFF".utf8) + little(36 + 2 * samples.count, 4) + Array("WAVEfmt ".utf8)
        bytes += little(16, 4) + little(1, 2) + little(1, 2)  // PCM, one channel
        bytes += little(sampleRate, 4) + little(2 * sampleRate, 4) + little(2, 2) + little(16, 2)
        bytes += Array("data".utf8) + little(2 * samples.count, 4)
        for sample in samples {
            let value = Int16((min(max(sample.isNaN ? 0 : sample, -1), 1) * 32767).rounded())
            bytes.append(UInt8(truncatingIfNeeded: value))
            bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        }
        return bytes
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
