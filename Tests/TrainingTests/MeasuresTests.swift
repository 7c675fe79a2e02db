import Glibc
import Tensor
import Testing
import Training

@Suite("Measures of what was generated")
struct MeasuresTests {
    /// 32 x 32 pixels whose channels come from `value(x, y, channel)`.
    static func picture(_ value: (Int, Int, Int) -> Double) -> PictureMeasures {
        var pixels: [UInt8] = []
        for y in 0..<32 {
            for x in 0..<32 {
                for channel in 0..<3 { pixels.append(UInt8(min(max(value(x, y, channel), 0), 255))) }
            }
        }
        return PictureMeasures(rgb: pixels)
    }

    @Test("call a grey frame with a little noise blank")
    func blank() {
        var generator = Xoshiro256(seed: 1)
        let grey = Self.picture { _, _, _ in 128 + 3 * generator.normal() }
        #expect(grey.isBlank)
        #expect(grey.saturation == 0)
    }

    @Test("call noise over the whole range not blank, and saturated where it hits the ends")
    func noise() {
        var generator = Xoshiro256(seed: 1)
        let noise = Self.picture { _, _, _ in 128 + 200 * generator.normal() }
        #expect(!noise.isBlank)
        #expect((0.4...0.7).contains(noise.saturation))
    }

    @Test("call a picture with light and shade neither")
    func photograph() {
        let picture = Self.picture { x, y, channel in 40 + 5 * Double(x) + Double(y) + 10 * Double(channel) }
        #expect(!picture.isBlank)
        #expect(picture.luminanceDeviation > 30)
        #expect(picture.saturation == 0)
    }

    @Test("count pure white as saturated and blank, and nothing as nothing")
    func extremes() {
        let white = Self.picture { _, _, _ in 255 }
        #expect(white.isBlank && white.saturation == 1)
        #expect(PictureMeasures(rgb: []).isBlank)
        #expect(SoundMeasures(samples: []).isBlank)
    }

    @Test("tell silence, a tone and a clipped tone apart")
    func sounds() {
        let tone = (0..<2400).map { Float(sin(Double($0) * 0.1)) }
        let silence = SoundMeasures(samples: tone.map { $0 * 1e-4 })
        #expect(silence.isBlank && silence.saturation == 0)
        let soft = SoundMeasures(samples: tone.map { $0 * 0.5 })
        #expect(!soft.isBlank && soft.saturation == 0)
        #expect(abs(soft.loudness - 0.5 * 0.5.squareRoot()) < 0.01)
        #expect(SoundMeasures(samples: tone.map { min(max($0 * 4, -1), 1) }).saturation > 0.8)
    }

    @Test("of tokens count matches and distinct values")
    func tokens() {
        let measures = TokenMeasures(generated: [7, 7, 7, 7], truth: [7, 1, 2, 3])
        #expect(measures.accuracy == 0.25)
        #expect(measures.distinct == 0.25)
        #expect(measures.trueDistinct == 1)
    }
}
