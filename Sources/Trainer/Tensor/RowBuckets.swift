/// Numbers of rows that batches are filled up to where a backend does equal work faster: at most a sixteenth more, or 15.
package enum RowBuckets {
    /// What numbers of rows near this one are multiples of.
    package static func step(_ rows: Int) -> Int {
        var step = 16
        while 32 * step <= rows { step *= 2 }
        return step
    }

    package static func filled(_ rows: Int) -> Int {
        let step = step(rows)
        return (rows + step - 1) / step * step
    }
}
