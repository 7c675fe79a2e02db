/// Which rows attend to which: sample by sample, all of its queries to all of its keys.
package struct AttentionShape {
    /// Rows of queries, and of keys and values, of each sample; samples follow each other.
    package let queryLengths: [Int]
    package let keyLengths: [Int]
    package let heads: Int
    package let headDim: Int

    package init(queryLengths: [Int], keyLengths: [Int], heads: Int, headDim: Int) {
        self.queryLengths = queryLengths
        self.keyLengths = keyLengths
        self.heads = heads
        self.headDim = headDim
    }
}

/// Queries, keys and values, or their gradients, wherever they lie within wider rows.
package struct AttentionTensors {
    /// One of the three: `pointer + row * rowStride + head * headStride` is a head's vector of a row.
    package struct Part {
        package let pointer: UnsafeMutablePointer<Float>
        package let rowStride: Int
        package let headStride: Int

        package init(_ pointer: UnsafeMutablePointer<Float>, rowStride: Int, headStride: Int) {
            self.pointer = pointer
            self.rowStride = rowStride
            self.headStride = headStride
        }

        func at(row: Int, head: Int) -> UnsafeMutablePointer<Float> { pointer + row * rowStride + head * headStride }
    }

    package let query: Part
    package let key: Part
    package let value: Part

    package init(query: Part, key: Part, value: Part) {
        self.query = query
        self.key = key
        self.value = value
    }
}
