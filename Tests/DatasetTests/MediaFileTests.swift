import Foundation
import Testing

@testable import Dataset

@Suite("PNG and WAV")
struct MediaFileTests {
    static let pixels = (0..<6 * 4 * 3).map { UInt8($0 * 37 % 256) }

    @Test("ffmpeg decodes a PNG to the same pixels")
    func png() async throws {
        try await withFolder { folder in
            let path = "\(folder)/a.png"
            try Data(PNG.encode(Image(width: 6, height: 4, pixels: Self.pixels))).write(to: URL(filePath: path))
            let outcome = try await FFmpeg.run(
                "ffmpeg", ["-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"], about: path)
            #expect(outcome.messages.isEmpty)
            #expect(outcome.output == Self.pixels)
        }
    }

    @Test("ffmpeg decodes a WAV to the same samples, clipped to [-1, 1]")
    func wav() async throws {
        try await withFolder { folder in
            let path = "\(folder)/a.wav"
            try Data(WAV.encode([0, 0.5, -0.25, 2, -2, .nan], sampleRate: 24_000)).write(to: URL(filePath: path))
            let outcome = try await FFmpeg.run(
                "ffmpeg", ["-v", "error", "-i", path, "-f", "s16le", "pipe:1"], about: path)
            let samples = outcome.output.withUnsafeBytes { Array($0.bindMemory(to: Int16.self)) }
            #expect(samples == [0, 16384, -8192, 32767, -32767, 0])
            #expect(try await FFmpeg.describe(path).hasSound)
        }
    }

    @Test("Pictures are put side by side")
    func row() {
        let left = Image(width: 1, height: 2, pixels: [1, 1, 1, 2, 2, 2])
        let right = Image(width: 1, height: 2, pixels: [3, 3, 3, 4, 4, 4])
        #expect(Image.row([left, right]).pixels == [1, 1, 1, 3, 3, 3, 2, 2, 2, 4, 4, 4])
    }

    @Test("Pseudo-depth uses the whole range, and a plain picture's is its height")
    func pseudoDepth() {
        let side = 32
        let plain = PseudoDepth.estimate([UInt8](repeating: 100, count: side * side * 3), side: side)
        #expect(plain.first == 0 && plain.last == 255)
        #expect(plain[5] == plain[20])
        #expect(plain[10 * side] < plain[20 * side])
    }
}
