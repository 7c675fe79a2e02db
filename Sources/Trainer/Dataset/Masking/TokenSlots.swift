/// Some tokens of one clip, as three columns of equal length, ordered by modality, then by position.
package struct TokenSlots: Sendable, Hashable {
    /// Index into the modalities given to the ``Masker``.
    package var modality: [Int32] = []
    /// Position inside the modality's sequence.
    package var position: [Int32] = []
    package var token: [Int32] = []

    package init() {}

    package var count: Int { token.count }
}
