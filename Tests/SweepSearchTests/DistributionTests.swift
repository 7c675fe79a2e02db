import Experiment
import Foundation
import SweepDefinition
import Testing

@testable import SweepSearch

/// The distribution of a definition's one parameter.
func distribution(_ form: String) throws -> Distribution {
    let definition = try Definition(text: "method: random\nparameters: {x: {\(form)}}")
    guard case .distribution(let distribution) = definition.parameters[0].content else {
        throw SweepDefinitionError(.wrongType, at: definition.parametersPosition, "no distribution")
    }
    return distribution
}

@Suite("Distributions")
struct DistributionTests {
    @Test("Every distribution has the quantiles and probabilities of W&B's search", arguments: quantileTable.indices)
    func quantile(index: Int) throws {
        let (kind, numbers, p, value, cumulative) = quantileTable[index]
        let distribution = try distribution("distribution: \(kind), \(numbers)")
        let found = distribution.value(at: p)
        #expect(abs((found.number ?? .nan) - value) <= 1e-9 * max(1, abs(value)), "\(kind) {\(numbers)} at \(p)")
        let back = try #require(distribution.cumulative(.double(value)))
        #expect(abs(back - cumulative) <= 1e-9, "\(kind) {\(numbers)} of \(value)")
    }

    @Test("A rounded value is whole where its step is, and stays a fraction where its step is one")
    func rounding() throws {
        #expect(try distribution("distribution: q_uniform, min: 0, max: 10, q: 3").value(at: 0.5) == .int(6))
        #expect(try distribution("distribution: q_uniform, min: 0, max: 10").value(at: 0.33) == .int(3))
        #expect(try distribution("distribution: q_uniform, min: 0, max: 10, q: 1.0").value(at: 0.33) == .double(3))
        #expect(try distribution("min: 1, max: 5").value(at: 1) == .int(5))
        #expect(try distribution("min: 1, max: 5").value(at: 0) == .int(1))
    }

    @Test("Values of a list share the probability, or have the one that is written")
    func categories() throws {
        let even = try distribution("values: [a, 2, [3]]")
        #expect([0, 0.3, 0.34, 0.99].map { even.value(at: $0).label } == ["a", "a", "2", "[3]"])
        #expect(even.cumulative(.double(2)) == 2.0 / 3)
        #expect(even.cumulative(.string("b")) == nil)
        let weighted = try distribution("values: [a, b, c], probabilities: [0.1, 0.6, 0.3]")
        #expect([0, 0.09, 0.1, 0.69, 0.71, 1].map { weighted.value(at: $0).label } == ["a", "a", "b", "b", "c", "c"])
    }

    @Test("A choice that is no finite number is found again by the text that the record has for it")
    func notFinite() throws {
        let choice = try distribution("values: [.inf, -.inf, 1.0, .nan]")
        let placing = choice.placing
        let records: [JSONValue] = [.string("Infinity"), .string("-Infinity"), .int(1), .string("NaN")]
        #expect(records.map(placing) == [0.125, 0.375, 0.625, 0.875])
        #expect(choice.choices.map(\.value).map(placing) == [0.125, 0.375, 0.625, 0.875])
    }

    @Test("The widest integers there are neither trap nor leave their bounds")
    func widest() throws {
        let all = try distribution("min: -9223372036854775808, max: 9223372036854775807")
        for p in [0, 0.5, 1] { #expect(all.value(at: p).number?.isFinite == true) }
    }

    @Test(
        "The normal quantile is exact to the tails",
        arguments: [
            (0.5, 0.0), (0.975, 1.959963984540054), (1e-10, -6.361340902404056), (1e-300, -37.0470964099147),
            (0.9999999, 5.199337582290661),
        ])
    func normalTails(p: Double, x: Double) {
        #expect(abs(NormalDistribution.quantile(p) - x) <= 1e-8 * max(1, abs(x)))
    }
}
