import Experiment
import FoundationEssentials

/// What a batch may hold at most; whoever sends more is wrong or hostile.
enum IngestLimits {
    static let records = 10_000
    static let metricsPerRow = HistoryLimits.metricsPerRow
    static let nameBytes = RecordError.nameLimit
    static let textBytes = 1 << 20
    static let tags = 1_000
    static let jsonDepth = 64
    static let attempts = 1_000_000
    /// Years 1 to 9999: JSON has dates beyond, plots and PostgreSQL's text form do not.
    static let times = Date(timeIntervalSince1970: -62_135_596_800)...Date(timeIntervalSince1970: 253_402_300_799)

    /// Refuses a batch that can never be stored, before the database sees any of it.
    static func check(_ source: some IngestSource) throws(StoreError) {
        guard (1...attempts).contains(source.attempt) else {
            throw StoreError(.invalidRecord, "attempt \(source.attempt) is not from 1 to \(attempts)")
        }
        guard let range = source.range else { return }
        guard range.upperBound - range.lowerBound < records else {
            throw StoreError(.tooLarge, "a batch of more than \(records) records; send fewer at once")
        }
        guard range.lowerBound >= 1, range.upperBound < Int64.max - Int64(records) else {
            throw StoreError(.invalidRecord, "sequence number \(range.lowerBound); sequences count from 1")
        }
    }

    /// Refuses records that are not in order; others are found wrong one by one.
    static func check(order request: IngestRequest) throws(StoreError) {
        for (record, next) in zip(request.records, request.records.dropFirst())
        where next.sequence != record.sequence &+ 1 {
            throw gap(record.sequence, next.sequence)
        }
    }

    static func gap(_ last: Int64, _ next: Int64) -> StoreError {
        StoreError(.invalidRecord, "record \(next) follows \(last); send records without gaps")
    }

    static func tooManyMetrics(_ count: Int) -> StoreError {
        StoreError(.tooLarge, "a row of \(count) metrics; log at most \(metricsPerRow)")
    }

    static let badTime = StoreError(
        .invalidRecord, "a time lies outside the years 1 to 9999; correct the clock")

    static func check(_ record: RunRecord) throws(StoreError) {
        switch record {
        case .start(let start): try check(start)
        case .metrics(let row), .system(let row):
            let count = row.values.count + row.others.count
            guard count <= metricsPerRow else { throw tooManyMetrics(count) }
            try check(row.time)
        case .summary(let values): try check(values, "the summary")
        case .file(let file): try check(file)
        case .finish(let finish):
            guard finish.state.isFinal else {
                throw StoreError(
                    .invalidRecord, "a run cannot finish as '\(finish.state.rawValue)'; send a final state")
            }
            try check(text: finish.message ?? "", "the message")
            try check(finish.time)
        }
    }

    private static func check(_ start: RunStart) throws(StoreError) {
        try check(name: start.project, "the project")
        for (value, what) in [
            (start.name, "the run's name"), (start.group, "the group"), (start.sweep, "the sweep"),
            (start.jobType, "the job type"),
        ] {
            if let value { try check(name: value, what) }
        }
        guard start.tags.count <= tags else { throw StoreError(.tooLarge, "a run has at most \(tags) tags") }
        for tag in start.tags { try check(name: tag, "a tag") }
        try check(text: start.host, "the host")
        try check(start.config, "the config")
        try check(start.time)
    }

    static func check(_ file: RunFile) throws(StoreError) {
        try check(name: file.key, "a file's key")
        try check(name: file.path, "a file's path")
        try check(name: file.mediaType, "a file's media type")
        try check(text: file.caption ?? "", "a caption")
        guard file.sha256.utf8.count == 64, file.sha256.allSatisfy({ $0.isASCII && $0.isHexDigit }), file.bytes >= 0
        else { throw StoreError(.invalidRecord, "a file needs its size and its sha256 in 64 hexadecimal digits") }
        let parts = file.path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), !file.path.contains("\\") else {
            throw StoreError(.invalidRecord, "a file's path must be relative and stay within its run's folder")
        }
        try check(file.time)
    }

    static func check(name: String, _ what: String) throws(StoreError) {
        guard !name.isEmpty, name.utf8.count <= nameBytes else {
            throw StoreError(.invalidRecord, "\(what) must have 1 to \(nameBytes) bytes, not \(name.utf8.count)")
        }
        try check(text: name, what)
    }

    static func check(text: String, _ what: String) throws(StoreError) {
        guard text.utf8.count <= textBytes else {
            throw StoreError(.tooLarge, "\(what) has \(text.utf8.count) bytes; at most \(textBytes) are kept")
        }
        guard !text.utf8.contains(0) else {
            throw StoreError(.invalidRecord, "\(what) holds a NUL character, which cannot be stored; remove it")
        }
    }

    private static func check(_ time: Date) throws(StoreError) {
        guard times.contains(time) else { throw badTime }
    }

    static func check(_ members: [String: JSONValue], _ what: String) throws(StoreError) {
        try check(.object(members), what, depth: 0)
    }

    private static func check(_ value: JSONValue, _ what: String, depth: Int) throws(StoreError) {
        guard depth < jsonDepth else { throw StoreError(.tooLarge, "\(what) is nested deeper than \(jsonDepth)") }
        switch value {
        case .string(let text): try check(text: text, "a text in \(what)")
        case .array(let items): for item in items { try check(item, what, depth: depth + 1) }
        case .object(let members):
            for (key, value) in members {
                try check(text: key, "a key of \(what)")
                try check(value, what, depth: depth + 1)
            }
        case .null, .bool, .int, .double: break
        }
    }
}
