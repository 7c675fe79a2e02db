import Testing
import TrackerStore

@Suite("Downsampling and smoothing")
struct DownsamplingTests {
    @Test("M4 keeps first, last, least and greatest of every column of pixels, and so draws the same line")
    func columns() {
        let count = 10_000
        let x = (0..<count).map(Double.init)
        let y = (0..<count).map { Double(($0 * 7_919) % 1_009) }
        let places = m4(x: x, y: y, columns: 100)
        #expect(places.count <= 400)
        #expect(places == places.sorted() && Set(places).count == places.count)
        for column in 0..<100 {
            let all = (0..<count).filter { min(99, Int(x[$0] * 100 / Double(count - 1))) == column }
            let kept = places.filter { min(99, Int(x[$0] * 100 / Double(count - 1))) == column }
            #expect(kept.first == all.first && kept.last == all.last)
            #expect(kept.map { y[$0] }.min() == all.map { y[$0] }.min())
            #expect(kept.map { y[$0] }.max() == all.map { y[$0] }.max())
        }
    }

    @Test("Few points, none, equal x and NaN are no trouble")
    func edges() {
        #expect(m4(x: [], y: [], columns: 10).isEmpty)
        #expect(m4(x: [1, 2], y: [1, 2], columns: 1) == [0, 1])
        let same = [Double](repeating: 1, count: 50)
        #expect(m4(x: same, y: (0..<50).map(Double.init), columns: 2) == [0, 49])
        let holes = (0..<50).map { $0 % 2 == 0 ? Double.nan : Double($0) }
        #expect(m4(x: (0..<50).map(Double.init), y: holes, columns: 1) == [0, 1, 49])
        let extremes = [-Double.greatestFiniteMagnitude] + same + [.greatestFiniteMagnitude]
        #expect(!m4(x: extremes, y: extremes, columns: 3).isEmpty)
    }

    @Test("The average forgets the past at its rate, does not begin at zero, and passes over what is no number")
    func smoothing() {
        #expect(smoothed([1, 2, 3], weight: 0) == [1, 2, 3])
        #expect(smoothed([5, 5, 5], weight: 0.9).allSatisfy { abs($0 - 5) < 1e-12 })
        // 0.5 * 1, then 0.5 * 0.5 + 0.5 * 3 = 1.75 over 1 - 0.25.
        let two = smoothed([1, .nan, 3], weight: 0.5)
        #expect(two[0] == 1 && two[1].isNaN && abs(two[2] - 1.75 / 0.75) < 1e-12)
    }
}
