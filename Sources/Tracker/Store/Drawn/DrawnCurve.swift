package import Experiment

/// The first values that a run of a sweep logged of the sweep's metric, in the order of logging; finite ones only.
package struct DrawnCurve: Sendable, Hashable {
    package var handle: String
    package var state: RunState
    package var values: [Double]
}
