/// What can be said of a picture without looking at it: whether it is blank, and how much of it is burnt out.
package struct PictureMeasures: Sendable, Hashable {
    /// Below this standard deviation of luminance (0 to 255) a frame counts as blank. Photographs have 30 to 80; what
    /// a collapsed model paints is one grey with some quantisation noise.
    package static let blankDeviation = 6.0

    /// Standard deviation of the luminance (Rec. 601), 0 to 127.5.
    package let luminanceDeviation: Double
    /// Share of channel values at most 2 or at least 253.
    package let saturation: Double

    package var isBlank: Bool { luminanceDeviation < PictureMeasures.blankDeviation }

    /// - Parameter rgb: 8-bit channel values, three a pixel.
    package init(rgb: [UInt8]) {
        var sum = 0.0
        var squares = 0.0
        var saturated = 0
        let pixels = rgb.count / 3
        for pixel in 0..<pixels {
            let (red, green, blue) = (rgb[3 * pixel], rgb[3 * pixel + 1], rgb[3 * pixel + 2])
            let luminance = 0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)
            sum += luminance
            squares += luminance * luminance
            for value in [red, green, blue] where value <= 2 || value >= 253 { saturated += 1 }
        }
        let count = Double(max(1, pixels))
        luminanceDeviation = max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
        saturation = Double(saturated) / (3 * count)
    }
}
