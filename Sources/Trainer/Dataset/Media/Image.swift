/// An 8-bit picture, row by row from the top, red, green and blue interleaved.
package struct Image: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// `height * width * 3` values.
    package var pixels: [UInt8]

    package init(width: Int, height: Int, pixels: [UInt8]) {
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}
