/// One clip with a part of its tokens as inputs and another part as targets; both are never empty and share no slot.
package struct MaskedSample: Sendable, Hashable {
    package var inputs = TokenSlots()
    package var targets = TokenSlots()

    package init() {}
}
