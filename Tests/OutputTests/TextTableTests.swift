import Testing

import Output

@Suite("Text tables")
struct TextTableTests {
    private let table = Table(
        columns: ["name", "loss", "runs"],
        rows: [[.text("uniform"), .number(0.25), .integer(3)], [.text("balanced, long name"), .number(12), .empty]])

    @Test("Texts stand left, numbers right")
    func alignment() {
        #expect(
            TextTable(width: nil).text(table) == """
                name                 loss  runs
                uniform              0.25     3
                balanced, long name    12
                """)
    }

    @Test("On a narrow terminal the widest text is cut", arguments: [20, 24, 30])
    func narrow(_ width: Int) {
        let lines = TextTable(width: width).text(table).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= width })
        #expect(lines.last?.contains("…") == true)
        #expect(lines[1].contains("0.25"))
    }

    @Test("Control characters do not reach the terminal")
    func control() {
        let table = Table(columns: ["x"], rows: [[.text("a\u{1b}[31mb\nc")]])
        #expect(TextTable(width: nil).text(table) == "x\na·[31mb·c")
    }

    @Test("The head is bold only where styles are wanted")
    func styles() {
        let table = Table(columns: ["x"])
        #expect(TextTable(width: nil, isStyled: true).text(table) == "\u{1b}[1mx\u{1b}[0m")
        #expect(TextTable(width: nil).text(table) == "x")
    }

    @Test(
        "Durations have two units at most",
        arguments: [
            (0.0, "0 s"), (59.4, "59 s"), (200, "3 m 20 s"), (7300, "2 h 1 m"), (180_000, "2 d 2 h"), (-5, "0 s"),
        ])
    func durations(_ seconds: Double, _ expected: String) {
        #expect(NumberText.duration(seconds: seconds) == expected)
    }
}
