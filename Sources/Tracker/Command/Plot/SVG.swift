import Foundation

/// Elements of an SVG picture as text.
enum SVG {
    static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String>, _ content: String? = nil
    ) -> String {
        let list = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
        return content.map { "<\(name)\(list)>\($0)</\(name)>" } ?? "<\(name)\(list)/>"
    }

    static func text(
        _ text: String, x: Double, y: Double, size: Double = 12, anchor: String = "start", weight: String = "400",
        colour: String = Palette.ink, transform: String? = nil
    ) -> String {
        let content = escaped(text)
        let (x, y, size) = (number(x), number(y), number(size))
        guard let transform else {
            return element(
                "text",
                [
                    "x": x, "y": y, "font-size": size, "text-anchor": anchor, "font-weight": weight, "fill": colour,
                ], content)
        }
        return element(
            "text",
            [
                "x": x, "y": y, "font-size": size, "text-anchor": anchor, "font-weight": weight, "fill": colour,
                "transform": transform,
            ], content)
    }

    static func line(
        _ from: (x: Double, y: Double), _ to: (x: Double, y: Double), colour: String, width: Double = 1,
        dash: String = "none"
    ) -> String {
        element(
            "line",
            [
                "x1": number(from.x), "y1": number(from.y), "x2": number(to.x), "y2": number(to.y), "stroke": colour,
                "stroke-width": number(width), "stroke-dasharray": dash,
            ])
    }

    static func rectangle(x: Double, y: Double, width: Double, height: Double, colour: String) -> String {
        element(
            "rect",
            ["x": number(x), "y": number(y), "width": number(width), "height": number(height), "fill": colour])
    }

    /// A whole picture on white, so that it can be read on a dark page too.
    static func document(width: Double, height: Double, title: String, _ elements: [String]) -> String {
        let content =
            [element("title", [:], escaped(title))]
            + [rectangle(x: 0, y: 0, width: width, height: height, colour: "#ffffff")] + elements
        let svg = element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "width": number(width), "height": number(height),
                "viewBox": "0 0 \(number(width)) \(number(height))", "role": "img",
                "font-family": "system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif",
            ], "\n" + content.joined(separator: "\n") + "\n")
        return svg + "\n"
    }

    /// A coordinate: two digits after the point are finer than any screen.
    static func number(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return rounded == rounded.rounded() ? String(format: "%.0f", rounded) : "\(rounded)"
    }

    /// Any text, as text: nothing in a run's name or a metric's becomes markup, and what XML cannot hold is replaced.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\u{fffe}", "\u{ffff}": result += "\u{fffd}"
            default: result.unicodeScalars.append(scalar.value < 32 ? "\u{fffd}" : scalar)
            }
        }
        return result
    }

    /// About how wide a text is in the sans-serif fonts that viewers have.
    static func width(of text: String, size: Double) -> Double { Double(text.count) * size * 0.6 }
}
