import ArgumentParser

/// A stretch of time as people write it: `90s`, `15m`, `12h`, `30d`, `2w`.
struct TimeSpan: ExpressibleByArgument, Hashable {
    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Double(argument.dropLast()),
            count.isFinite, count > 0
        else { return nil }
        seconds = count * unit
    }

    var defaultValueDescription: String { "\(Int(seconds))s" }
}
