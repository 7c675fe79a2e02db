import SweepDefinition
import Testing

@Suite("Mutations of good files")
struct MutationTests {
    private static let good = """
        name: demo
        project: saga
        method: grid
        metric: {name: "loss", goal: minimize}
        parameters:
          base: &base {values: [1, 2.5, 'x', ~]}
          other: {<<: *base}
          masking:
            values:
              - uniform
              - {name: report, strategy: dirichlet, alphas: {image: 1, audio: 8}}
          temperature: {distribution: q_uniform, min: 0, max: 1e0, q: 0.25}
          nested: {parameters: {a: {min: 1, max: 3}, b: {value: "é"}}}
        stages:
          - name: train
          - name: generate
            reads: [temperature]
        """

    @Test("The file itself is good")
    func good() throws { _ = try Definition(text: MutationTests.good, file: "good.yaml") }

    @Test("Lines deleted, doubled or swapped never crash; what is refused is refused with a place")
    func lines() {
        let lines = MutationTests.good.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for index in lines.indices {
            for other in lines.indices {
                var swapped = lines
                swapped.swapAt(index, other)
                check(swapped)
            }
            var deleted = lines
            deleted.remove(at: index)
            check(deleted)
            var doubled = lines
            doubled.insert(lines[index], at: index)
            check(doubled)
            check(lines.prefix(index) + [""])
        }
    }

    @Test("Bytes deleted, replaced or cut off never crash")
    func bytes() {
        let bytes = Array(MutationTests.good.utf8)
        let signs = Array("\0\t\n :{}[]&*!|>%@'\"\\,#?-<9e.".utf8) + [0xff, 0xc3, 0x80]
        for index in bytes.indices {
            var deleted = bytes
            deleted.remove(at: index)
            check(deleted)
            check(Array(bytes.prefix(index)))
            var replaced = bytes
            replaced[index] = signs[index % signs.count]
            check(replaced)
            replaced[index] = signs[(index * 7 + 3) % signs.count]
            check(replaced)
        }
    }

    private func check(_ lines: some Sequence<String>) { check(Array(lines.joined(separator: "\n").utf8)) }

    private func check(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            _ = try Definition(text: text, file: "f")
        } catch let error as SweepDefinitionError {
            #expect(error.position.line >= 1 && error.position.column >= 1 && !error.description.contains("\n"))
        } catch {
            Issue.record("\(error) for \(text)")
        }
    }
}
