import Experiment

/// Points of a randomised Halton sequence: draw by draw the space is filled evenly, however many draws there will be.
struct QuasiRandomSearch {
    let space: SearchSpace

    /// A point that the constraints forbid is replaced by the one of the same number in another randomisation, so that
    /// no draw has to know the others. Nil where none is allowed.
    func next(seed: UInt64, number: Int) -> [String: JSONValue]? {
        var seeds = SeededGenerator(seed: seed)
        for _ in 0..<SearchSpace.maximumTries {
            let sequence = HaltonSequence(seed: seeds.next(), dimensions: space.searched.count)
            let config = space.config(at: sequence.point(number))
            if space.allows(config) { return config }
        }
        return nil
    }
}
