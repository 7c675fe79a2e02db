import Tensor

extension Xoshiro256 {
    /// A stream of its own for each text (FNV-1a hash): what is drawn depends on the text and on nothing else.
    init(text: String) {
        self.init(seed: text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }
}
