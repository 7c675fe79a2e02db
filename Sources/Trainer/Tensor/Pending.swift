/// A value that a device is still computing.
package final class Pending<Value> {
    private var known: Value?
    private let wait: () -> Value

    package init(_ value: Value) {
        known = value
        wait = { value }
    }

    /// `wait` is called once, when the value is first asked for.
    package init(wait: @escaping () -> Value) { self.wait = wait }

    /// Waits for it.
    package var value: Value {
        if let known { return known }
        let value = wait()
        known = value
        return value
    }

    package func map<Result>(_ transform: @escaping (Value) -> Result) -> Pending<Result> {
        Pending<Result> { transform(self.value) }
    }
}
