import Experiment
import NIOCore
import TrackerStore

/// A curve as columns: `{"metric": …, "steps": […], "times": […], "values": […]}`, times (where they are read) in microseconds
/// since 1970.
///
/// Written by hand: a hundred thousand points through an encoder take a second.
enum SeriesJSON {
    static func append(_ name: String, _ series: MetricSeries, to buffer: inout ByteBuffer) {
        buffer.writeString("{\"metric\":\(JSONValue.string(name).canonicalText),\"steps\":[")
        list(series.steps, to: &buffer) { "\($0)" }
        if !series.times.isEmpty {
            buffer.writeString("],\"times\":[")
            list(series.times, to: &buffer) { "\($0)" }
        }
        buffer.writeString("],\"values\":[")
        list(series.values, to: &buffer) { number($0) }
        buffer.writeString("]}")
    }

    private static func list<Value>(_ values: [Value], to buffer: inout ByteBuffer, _ text: (Value) -> String) {
        for (index, value) in values.enumerated() {
            if index > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            buffer.writeString(text(value))
        }
    }

    /// The shortest text that brings every bit back; what JSON has no number for is a string (see ``JSONCoding``).
    private static func number(_ value: Double) -> String {
        if value.isFinite { return "\(value)" }
        return value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\""
    }
}
