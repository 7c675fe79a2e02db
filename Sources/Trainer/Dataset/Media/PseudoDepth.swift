/// A stand-in for a depth map, made from one picture without a learned model: large means near.
///
/// Three old cues: what is low in the picture tends to be near, what is sharp tends to be the subject before a blurred
/// background, what is bright tends to be near. It is not depth, hence its name everywhere.
enum PseudoDepth {
    private static let (heightWeight, sharpnessWeight, luminanceWeight): (Float, Float, Float) = (0.4, 0.4, 0.2)

    /// One value for each of the `side * side` RGB pixels, stretched to the whole range 0...255 (all 0 if the picture
    /// gives one value).
    static func estimate(_ pixels: [UInt8], side: Int) -> [UInt8] {
        var luminance = [Float](repeating: 0, count: side * side)
        pixels.withUnsafeBufferPointer { pixels in
            for index in luminance.indices {
                let (red, green, blue) = (pixels[3 * index], pixels[3 * index + 1], pixels[3 * index + 2])
                luminance[index] = (0.299 * Float(red) + 0.587 * Float(green) + 0.114 * Float(blue)) / 255
            }
        }
        let radius = max(1, side / 32)
        let background = blur(luminance, side: side, radius: radius)
        let detail = zip(luminance, background).map { abs($0 - $1) }
        let sharpness = stretched(blur(detail, side: side, radius: 2 * radius))
        var depth = [Float](repeating: 0, count: side * side)
        for index in depth.indices {
            let height = Float(index / side) / Float(max(1, side - 1))
            depth[index] =
                heightWeight * height + sharpnessWeight * sharpness[index] + luminanceWeight * background[index]
        }
        return stretched(blur(depth, side: side, radius: radius)).map { UInt8($0 * 255 + 0.5) }
    }

    private static func stretched(_ values: [Float]) -> [Float] {
        let low = values.min() ?? 0
        let range = (values.max() ?? 0) - low
        return values.map { range > 1e-6 ? ($0 - low) / range : 0 }
    }

    /// Mean over a square of `2 * radius + 1` pixels, edges repeated; rows, then columns, with running sums.
    private static func blur(_ values: [Float], side: Int, radius: Int) -> [Float] {
        let rows = runningMean(values, side: side, radius: radius, step: 1, line: side)
        return runningMean(rows, side: side, radius: radius, step: side, line: 1)
    }

    private static func runningMean(_ values: [Float], side: Int, radius: Int, step: Int, line: Int) -> [Float] {
        var result = values
        let scale = 1 / Float(2 * radius + 1)
        values.withUnsafeBufferPointer { values in
            result.withUnsafeMutableBufferPointer { result in
                for start in 0..<side {
                    let base = start * line
                    var sum: Float = 0
                    for offset in -radius...radius { sum += values[base + min(max(offset, 0), side - 1) * step] }
                    for place in 0..<side {
                        result[base + place * step] = sum * scale
                        sum += values[base + min(place + radius + 1, side - 1) * step]
                        sum -= values[base + max(place - radius, 0) * step]
                    }
                }
            }
        }
        return result
    }
}
