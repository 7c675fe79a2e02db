import Foundation

/// Numbers for people.
package enum NumberText {
    /// Six significant digits at most.
    package static func short(_ number: Double) -> String {
        guard number.isFinite else { return "\(number)" }
        return String(format: "%.6g", number)
    }

    /// `512 bytes`, `1.5 MB`; powers of ten.
    package static func bytes(_ count: Int64) -> String {
        let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
        guard let (unit, size) = units.first(where: { Double(count) >= $0.1 }) else { return "\(count) bytes" }
        return String(format: "%.1f %@", Double(count) / size, unit)
    }

    /// `3 m 20 s`, at most two units.
    package static func duration(seconds: Double) -> String {
        let whole = seconds.isFinite ? Int(min(max(0, seconds.rounded()), 1e12)) : 0
        return switch whole {
        case ..<60: "\(whole) s"
        case ..<3600: "\(whole / 60) m \(whole % 60) s"
        case ..<86400: "\(whole / 3600) h \(whole % 3600 / 60) m"
        default: "\(whole / 86400) d \(whole % 86400 / 3600) h"
        }
    }
}
