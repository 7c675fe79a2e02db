import Tensor
import Testing

@Suite("Random numbers")
struct Xoshiro256Tests {
    @Test("Seeding is SplitMix64's published sequence")
    func seeding() {
        let state = Xoshiro256(seed: 1_234_567).state
        #expect(state.0 == 6_457_827_717_110_365_317)
        #expect(state.1 == 3_203_168_211_198_807_973)
        #expect(state.2 == 9_817_491_932_198_370_423)
        #expect(state.3 == 4_593_380_528_125_082_431)
    }

    @Test("The sequence is xoshiro256**'s published one")
    func sequence() {
        var generator = Xoshiro256(seed: 0)
        generator.state = (1, 2, 3, 4)
        let expected: [UInt64] = [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240]
        #expect(expected.map { _ in generator.next() } == expected)
    }

    @Test("Equal states go on equally; seeds differ")
    func reproducible() {
        var (a, b) = (Xoshiro256(seed: 5), Xoshiro256(seed: 5))
        #expect((0..<10).map { _ in a.next() } == (0..<10).map { _ in b.next() })
        #expect(a == b)
        #expect(Xoshiro256(seed: 5) != Xoshiro256(seed: 6))
    }

    @Test("Uniform and normal draws have their moments")
    func moments() {
        var generator = Xoshiro256(seed: 7)
        let uniform = (0..<20_000).map { _ in generator.uniform() }
        let normal = (0..<20_000).map { _ in generator.normal() }
        #expect(uniform.allSatisfy { (0..<1).contains($0) })
        #expect(abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.01)
        #expect(abs(normal.reduce(0, +) / 20_000) < 0.03)
        #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.05)
    }
}
