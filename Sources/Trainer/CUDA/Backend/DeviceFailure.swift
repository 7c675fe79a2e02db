import Tensor

/// The first thing that went wrong on a device; whatever comes after it is a consequence.
final class DeviceFailure {
    private(set) var first: TensorError?

    /// Runs `body` unless something has gone wrong before; nil if it has, then or now.
    func unlessFailed<Result>(_ body: () throws(TensorError) -> Result) -> Result? {
        guard first == nil else { return nil }
        do throws(TensorError) {
            return try body()
        } catch {
            first = error
            return nil
        }
    }
}
