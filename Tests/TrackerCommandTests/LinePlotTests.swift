import Foundation
import Testing

@testable import tracker

@Suite("Line plots")
struct LinePlotTests {
    @Test(
        "Axes have round ticks",
        arguments: [
            ([0.0, 10], ["0", "2", "4", "6", "8", "10"]), ([3.1, 7.9], ["3", "4", "5", "6", "7", "8"]),
            ([0.001, 0.0042], ["0.001", "0.002", "0.003", "0.004", "0.005"]),
            ([-1.0, 1], ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
            ([5.0, 5], ["4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6"]),
            ([.nan, .infinity], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            ([0.0, 2e7], ["0", "5e+06", "1e+07", "1.5e+07", "2e+07"]),
        ])
    func ticks(_ values: [Double], _ expected: [String]) {
        let scale = AxisScale(covering: values, ticks: 6, rounded: true)
        #expect(scale.ticks.map(scale.label) == expected)
    }

    @Test("Two keys give colours and line patterns")
    func styles() {
        let labels = [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]]
        let styles = LinePlot.Styles(keys: ["subset", "masking"], labels: labels)
        #expect(styles.entry(["a", "x"]).colour == styles.entry(["a", "y"]).colour)
        #expect(styles.entry(["a", "x"]).dash == styles.entry(["b", "x"]).dash)
        #expect(Set(labels.map(styles.entry)).count == 4)
        #expect(styles.groups.map { $0.entries.map(\.label) } == [["a", "b"], ["x", "y"]])
    }

    @Test("Names are text, never markup")
    func escaping() {
        let svg = plot(title: "<script>alert('&\"')</script>\u{0}\u{1b}").svg()
        #expect(!svg.contains("<script"))
        #expect(svg.contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;\u{fffd}\u{fffd}"))
        #expect(throws: Never.self) { try XMLDocumentCheck.check(svg) }
    }

    @Test("A curve breaks where it is no number")
    func gaps() {
        let points = [(0.0, 1.0), (1, 2), (2, .nan), (3, 1), (4, 2)].map { LinePlot.Point(x: $0.0, y: $0.1) }
        let svg = plot(points: points).svg()
        #expect(svg.components(separatedBy: "<polyline").count - 1 == 2)
        #expect(!svg.contains("nan"))
    }

    @Test("A hundred thousand points are thinned without losing a spike")
    func thinning() {
        var points = (0..<100_000).map { LinePlot.Point(x: Double($0), y: sin(Double($0) / 1000)) }
        points[54_321].y = 5
        let svg = plot(points: points).svg()
        #expect(svg.utf8.count < 100_000)
        #expect(svg.contains("5</text>"))
    }

    @Test("Panels of nothing say so", arguments: [0, 1, 2, 3, 4, 7])
    func empty(_ panels: Int) {
        let panel = LinePlot.Panel(title: "loss", xLabel: "step", series: [])
        let svg = LinePlot(title: "t", keys: [], panels: Array(repeating: panel, count: panels)).svg()
        #expect(svg.components(separatedBy: "no values").count - 1 == panels)
        #expect(throws: Never.self) { try XMLDocumentCheck.check(svg) }
    }

    private func plot(title: String = "t", points: [LinePlot.Point] = []) -> LinePlot {
        LinePlot(
            title: title, keys: ["k"],
            panels: [
                LinePlot.Panel(
                    title: title, xLabel: "step", series: [LinePlot.Series(labels: ["a"], points: points)])
            ])
    }
}
