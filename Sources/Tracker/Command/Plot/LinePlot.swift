/// Curves in one or more panels under one title and with one legend.
struct LinePlot {
    struct Point: Hashable {
        var x: Double
        var y: Double
        /// Half the height of the band around the curve.
        var deviation: Double?
    }

    struct Series {
        /// Labels of ``LinePlot/keys``, in their order.
        var labels: [String]
        /// In rising x.
        var points: [Point]
    }

    struct Panel {
        var title: String
        var xLabel: String
        var series: [Series]
    }

    var title: String
    /// What tells the curves apart. The first key has the colours, the others share the line patterns.
    var keys: [String]
    var panels: [Panel]
}

extension LinePlot {
    /// How a series is drawn, and what the legend says about it.
    struct Styles {
        struct Entry: Hashable {
            var label: String
            var colour: String
            var dash: String
        }

        struct Group {
            var title: String
            var entries: [Entry]
        }

        private(set) var groups: [Group]
        private let entries: [[String]: Entry]

        init(keys: [String], labels: [[String]]) {
            let firsts = unique(labels.compactMap(\.first))
            let rests = unique(labels.map { $0.dropFirst().joined(separator: " ") })
            let isFactored =
                keys.count > 1 && firsts.count <= Palette.colours.count && rests.count <= Palette.dashes.count
            var entries: [[String]: Entry] = [:]
            for (index, series) in unique(labels).enumerated() {
                let label = series.joined(separator: " ")
                if isFactored, let first = series.first {
                    entries[series] = Entry(
                        label: label, colour: Palette.colour(firsts.firstIndex(of: first) ?? 0),
                        dash: Palette.dash(rests.firstIndex(of: series.dropFirst().joined(separator: " ")) ?? 0))
                } else {
                    entries[series] = Entry(
                        label: label, colour: Palette.colour(index),
                        dash: Palette.dash(index / Palette.colours.count))
                }
            }
            self.entries = entries
            if keys.isEmpty {
                groups = []
            } else if isFactored {
                groups = [
                    Group(
                        title: keys[0],
                        entries: firsts.enumerated().map {
                            Entry(label: $1, colour: Palette.colour($0), dash: "none")
                        }),
                    Group(
                        title: keys.dropFirst().joined(separator: ", "),
                        entries: rests.enumerated().map {
                            Entry(label: $1, colour: Palette.paleInk, dash: Palette.dash($0))
                        }),
                ]
            } else {
                groups = [
                    Group(title: keys.joined(separator: ", "), entries: unique(labels).compactMap { entries[$0] })
                ]
            }
        }

        func entry(_ labels: [String]) -> Entry {
            entries[labels] ?? Entry(label: "", colour: Palette.colour(0), dash: "none")
        }
    }
}

/// The elements in the order of their first appearance.
func unique<Element: Hashable>(_ elements: some Sequence<Element>) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
}
