/// Which rows of a table a step concerns, for tables of which a batch has few rows: embeddings.
package struct TableRows {
    package let count: Int
    package let dim: Int
    /// Rows that may have a gradient other than 0, rising.
    package let touched: [Int32]
    /// By row: whether it had a gradient in any step until now. Moments of the others are still 0.
    package let seen: [Bool]

    package init(count: Int, dim: Int, touched: [Int32], seen: [Bool]) {
        (self.count, self.dim, self.touched, self.seen) = (count, dim, touched, seen)
    }
}
