/// Cuts square pictures into square patches, in reading order, and puts them together again.
struct PatchGrid: Sendable, Hashable {
    /// Pixels of the picture's and of the patch's edge; the first is a multiple of the second.
    let side: Int
    let patch: Int
    let channels: Int

    var patchesAcross: Int { side / patch }
    var count: Int { patchesAcross * patchesAcross }
    var vectorLength: Int { patch * patch * channels }

    /// One patch a row, values in [0, 1].
    func cut(_ pixels: [UInt8]) -> Matrix {
        var result = Matrix(rows: count, columns: vectorLength)
        let run = patch * channels
        pixels.withUnsafeBufferPointer { pixels in
            result.values.withUnsafeMutableBufferPointer { values in
                forEachRun { source, destination in
                    for offset in 0..<run { values[destination + offset] = Float(pixels[source + offset]) / 255 }
                }
            }
        }
        return result
    }

    /// The inverse of ``cut(_:)``; values outside [0, 1] are clipped.
    func assemble(_ patches: Matrix) -> [UInt8] {
        let run = patch * channels
        var pixels = [UInt8](repeating: 0, count: side * side * channels)
        pixels.withUnsafeMutableBufferPointer { pixels in
            patches.values.withUnsafeBufferPointer { values in
                forEachRun { place, source in
                    for offset in 0..<run {
                        pixels[place + offset] = UInt8(min(max(values[source + offset] * 255 + 0.5, 0), 255))
                    }
                }
            }
        }
        return pixels
    }

    /// Calls with the start of each run of a patch's row, in the picture and in the patch matrix.
    private func forEachRun(_ body: (_ picture: Int, _ matrix: Int) -> Void) {
        for index in 0..<count {
            let (top, left) = (index / patchesAcross * patch, index % patchesAcross * patch)
            for row in 0..<patch {
                body(((top + row) * side + left) * channels, (index * patch + row) * patch * channels)
            }
        }
    }
}
