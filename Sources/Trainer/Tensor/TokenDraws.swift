/// Tokens to draw from rows of logits: softmax(logits / temperature), cut to the likeliest few.
package struct TokenDraws: Sendable {
    /// The row of each draw.
    package var rows: [Int32] = []
    /// The row without condition that guides each draw; -1: none.
    package var others: [Int32] = []
    /// A number from 0 to below 1 that decides each draw.
    package var uniforms: [Double] = []
    /// Columns of a row, and those that tokens are drawn from.
    package let columns: Int
    package let range: Range<Int>
    /// logits = other + guidance * (own - other)
    package let guidance: Float
    /// 0 takes the likeliest.
    package let temperature: Double
    /// The number of likeliest tokens that are left, of which then the fewest that reach `topP`.
    package let kept: Int
    package let topP: Double

    package init(
        columns: Int, range: Range<Int>, guidance: Float, temperature: Double, kept: Int, topP: Double
    ) {
        self.columns = columns
        self.range = range
        self.guidance = guidance
        self.temperature = temperature
        self.kept = kept
        self.topP = topP
    }

    /// The rows `0 ..< count` in chunks of about `most`, none of which parts a row from the one that guides it.
    package func chunks(rows count: Int, most: Int) -> [Range<Int>] {
        // Where no pair lies across: pairs that begin before and end behind are open.
        var open = [Int](repeating: 0, count: count + 1)
        for (row, other) in zip(rows, others) where other >= 0 {
            open[Int(min(row, other)) + 1] += 1
            open[Int(max(row, other)) + 1] -= 1
        }
        var (chunks, start, end, depth): ([Range<Int>], Int, Int, Int) = ([], 0, 0, 0)
        for place in 1..<(count + 1) {
            depth += open[place]
            guard depth == 0 || place == count else { continue }
            if place - start > most, end > start {
                chunks.append(start..<end)
                start = end
            }
            end = place
        }
        if end > start { chunks.append(start..<end) }
        return chunks
    }

    /// Those from rows of a chunk, their rows counted from its first. A row and its other must be in one chunk.
    package func within(_ chunk: Range<Int>) -> TokenDraws {
        var part = TokenDraws(
            columns: columns, range: range, guidance: guidance, temperature: temperature, kept: kept, topP: topP)
        for (index, row) in rows.enumerated() where chunk.contains(Int(row)) {
            let other = others[index] < 0 ? nil : Int(others[index]) - chunk.lowerBound
            part.add(row: Int(row) - chunk.lowerBound, other: other, uniform: uniforms[index])
        }
        return part
    }

    package mutating func add(row: Int, other: Int?, uniform: Double) {
        rows.append(Int32(row))
        others.append(Int32(other ?? -1))
        uniforms.append(uniform)
    }
}

/// A token, counted from the range's first.
package struct DrawnToken: Sendable, Hashable {
    package let token: Int
    /// Natural logarithm of its probability at temperature 1, before any cut.
    package let logProbability: Double

    package init(token: Int, logProbability: Double) {
        self.token = token
        self.logProbability = logProbability
    }
}
