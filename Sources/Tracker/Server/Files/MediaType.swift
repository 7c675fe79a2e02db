import Experiment

/// The type of a file as its name tells it; only types that run nothing are shown in a browser.
struct MediaType {
    let name: String
    let isShownInline: Bool

    init(path: RelativePath) {
        let suffix = path.names.last?.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let known: (String, Bool) =
            switch suffix {
            case "png": ("image/png", true)
            case "jpg", "jpeg": ("image/jpeg", true)
            case "wav": ("audio/wav", true)
            case "mp4": ("video/mp4", true)
            case "txt", "log": ("text/plain; charset=utf-8", true)
            case "svg": ("image/svg+xml", false)
            case "json": ("application/json", false)
            default: ("application/octet-stream", false)
            }
        (name, isShownInline) = known
    }
}
