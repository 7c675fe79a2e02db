/// A value that a device is still computing.
package final class Pending<Value> {
    private enum State {
        case known(Value)
        case awaited(() -> Value)
    }

    private var state: State

    package init(_ value: Value) { state = .known(value) }

    /// `wait` is called once, when the value is first asked for, and let go.
    package init(wait: @escaping () -> Value) { state = .awaited(wait) }

    /// Waits for it.
    package var value: Value {
        switch state {
        case .known(let value): return value
        case .awaited(let wait):
            let value = wait()
            state = .known(value)
            return value
        }
    }

    package func map<Result>(_ transform: @escaping (Value) -> Result) -> Pending<Result> {
        Pending<Result> { transform(self.value) }
    }
}
