/// Colours that the colour-blind can tell apart (Okabe and Ito 2008, without the yellow, which is lost on white), and
/// line patterns.
enum Palette {
    static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
    static let dashes = ["none", "7 3", "2 2.5", "9 3 2 3"]

    static let ink = "#1f2328"
    static let paleInk = "#59636e"
    static let axis = "#8c959f"
    static let grid = "#e4e8ec"
    static let missing = "#f0f2f4"

    static func colour(_ index: Int) -> String { colours[index % colours.count] }
    static func dash(_ index: Int) -> String { dashes[index % dashes.count] }
}
