/// A sweep that has been found: what is done with it next need not look for it again.
package struct SweepPlace: Sendable {
    let row: SweepRow

    package var id: String { row.id }
    package var project: String { row.project }
}
