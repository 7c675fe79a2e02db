import Experiment

/// A report about a stage that may be answered together with others of the same sweep.
struct AskedReport: Sendable {
    var key: String
    var report: StageReport

    /// The reports in their order, cut where a stage comes a second time: what is said next of it is to meet what became of
    /// the first.
    static func rounds(_ asked: [AskedReport]) -> [[AskedReport]] {
        var rounds: [[AskedReport]] = []
        var keys: Set<String> = []
        for one in asked {
            if rounds.isEmpty || !keys.insert(one.key).inserted {
                rounds.append([])
                keys = [one.key]
            }
            rounds[rounds.count - 1].append(one)
        }
        return rounds
    }
}
