/// Which of a run's two histories.
package enum HistoryStream: Int16, Sendable, Codable, CaseIterable {
    /// What the run logged.
    case metrics = 0
    /// What its machine did meanwhile: processors, memory, temperature.
    case system = 1

    /// As the statements take it.
    var number: Int32 { Int32(rawValue) }
}
