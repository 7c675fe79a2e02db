/// A sweep that has been found: what is done with it next need not look for it again.
package struct SweepPlace: Sendable, Hashable {
    let number: Int32
    package let id: String
    package let project: String

    init(row: SweepRow) {
        number = row.number
        id = row.id
        project = row.project
    }
}
