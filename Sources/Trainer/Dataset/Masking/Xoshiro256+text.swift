import Tensor

extension Xoshiro256 {
    /// A stream of its own for each text (FNV-1a hash).
    init(text: String) {
        self.init(seed: text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }
}
