import Testing

import Output

@Suite("CSV")
struct CSVTests {
    @Test(
        "Cells are quoted where they must be, and no text is taken for a formula",
        arguments: [
            (Table.Cell.text("plain"), "plain"), (.text(""), ""), (.empty, ""),
            (.text("a,b"), "\"a,b\""), (.text("say \"hi\""), "\"say \"\"hi\"\"\""),
            (.text("two\nlines"), "\"two\nlines\""),
            (.text("=1+1"), "'=1+1"), (.text("+1"), "'+1"), (.text("-1"), "'-1"), (.text("@x"), "'@x"),
            (.text("\tx"), "'\tx"), (.text("=a,\"b\""), "\"'=a,\"\"b\"\"\""), (.text("1-2"), "1-2"),
            (.number(-1.5), "-1.5"), (.number(0.1 + 0.2), "0.30000000000000004"),
            (.number(.leastNonzeroMagnitude), "5e-324"),
            (.number(.nan), "nan"), (.number(-.infinity), "-inf"), (.integer(.min), "-9223372036854775808"),
        ])
    func cells(_ cell: Table.Cell, _ expected: String) {
        #expect(CSV.text(Table(columns: ["x"], rows: [[cell]])) == "x\n\(expected)\n")
    }

    @Test("The head is quoted too")
    func head() {
        #expect(CSV.text(Table(columns: ["a,b", "=c"])) == "\"a,b\",'=c\n")
    }

    @Test(
        "Every number comes back exactly",
        arguments: [Double.pi, 1e308, .leastNonzeroMagnitude, -0.0, 123_456_789.123_456_79])
    func exact(_ number: Double) {
        let line = CSV.text(Table(columns: ["x"], rows: [[.number(number)]])).split(separator: "\n").last
        #expect(line.flatMap { Double($0) }?.bitPattern == number.bitPattern)
    }
}
