extension Double {
    /// With so many digits after the point.
    func fixed(_ digits: Int) -> String {
        let scale = digits == 0 ? 1 : (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let whole = Int((self * Double(scale)).rounded())
        guard digits > 0 else { return "\(whole)" }
        let fraction = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
