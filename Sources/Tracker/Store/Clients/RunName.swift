/// Names for runs that nobody has named, as W&B gives them: `silver-heron-12`.
enum RunName {
    static func random() -> String {
        "\(adjectives.randomElement() ?? "plain")-\(nouns.randomElement() ?? "run")"
    }

    private static let adjectives = [
        "amber", "bold", "brisk", "calm", "clear", "crisp", "deep", "eager", "early", "fair", "fresh", "gentle", "glad",
        "golden", "grand", "jolly", "keen", "kind", "light", "lively", "lucid", "mellow", "mild", "neat", "noble",
        "quick", "quiet", "rapid", "silver", "smooth", "snowy", "solar", "spring", "still", "sunny", "swift", "vivid",
        "warm", "wild", "young",
    ]
    private static let nouns = [
        "badger", "birch", "breeze", "brook", "canyon", "cedar", "cloud", "comet", "coral", "crane", "dawn", "delta",
        "ember", "falcon", "fern", "field", "forest", "glade", "grove", "harbor", "heron", "island", "lagoon", "lake",
        "lark", "maple", "meadow", "moon", "otter", "pine", "plateau", "pond", "reef", "ridge", "river", "sparrow",
        "summit", "tide", "valley", "willow",
    ]
}
