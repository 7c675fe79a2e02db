import BenchmarkSupport

/// What the sweeper promises, on two cores that sweeper, tracker and database share.
enum SweeperAim {
    case plan, store, claims, stages, suggestion(String), slotMedian, slotMaximum, busy

    private var facts: (name: String, unit: String, aim: Double?, better: Figure.Direction) {
        switch self {
        case .plan: ("10,000-trial grid planned by `sweeper plan`", "s", 1, .lower)
        case .store: ("10,000-trial grid stored by the tracker", "s", nil, .lower)
        case .claims: ("claims/s by 8 claimers, nothing else asked", "1/s", 1000, .higher)
        case .stages: ("stages/s claimed and reported done by 8 claimers", "1/s", 1000, .higher)
        case .suggestion(let method):
            ("suggestion by \(method), 10,000 trials done", "ms", method == "bayes" ? 100 : 20, .lower)
        case .slotMedian: ("slot idle between two trials, median", "ms", 100, .lower)
        case .slotMaximum: ("slot idle between two trials, maximum", "ms", 100, .lower)
        case .busy: ("64 slots of trials of 2 s: share of the time that slots are busy", "", 0.95, .higher)
        }
    }

    func row(_ ours: Double, peer: Double? = nil) -> Figure {
        let (name, unit, aim, better) = facts
        return Figure(name: name, unit: unit, better: better, ours: ours, aim: aim, peer: peer)
    }
}
