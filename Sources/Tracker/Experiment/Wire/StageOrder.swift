/// What the tracker tells the holder of a claim in its answer to a report.
package enum StageOrder: Codable, Sendable, Hashable {
    /// End the trainer: the trial is stopped early, or the sweep was cancelled. `reason` is for people.
    case stop(reason: String)
}
