/// What each row of targets costs, on the host.
struct RowLosses {
    var crossEntropy: [Float] = []
    /// Of the squared log-sum-exp; empty without.
    var penalty: [Float] = []
}
