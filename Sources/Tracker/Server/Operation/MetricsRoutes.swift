import HTTPTypes
import Hummingbird
import NIOCore
import TrackerStore

/// `GET /metrics`: what the server counts of itself; for whoever may see the whole tracker.
struct MetricsRoutes {
    let metrics: ServerMetrics
    let store: TrackerStore

    func add(to router: Router<TrackerRequestContext>) {
        router.get("/metrics") { _, context in
            try context.require(.read, project: nil)
            let text = await self.text()
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }

    private func text() async -> String {
        let counts = metrics.now
        var out = PrometheusText()
        out.family("saga_requests_total", "counter", "Requests answered.")
        for (request, count) in counts.requests.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            out.sample(
                "saga_requests_total",
                [("method", request.method), ("route", request.route), ("status", "\(request.status)")], Double(count))
        }
        out.family("saga_request_seconds", "histogram", "Time from a request's head to its answer's head.")
        for (route, histogram) in counts.latencies.sorted(by: { $0.key < $1.key }) { add(histogram, route, to: &out) }
        out.single("saga_points_total", "counter", "Metric values committed.", Double(store.changes.points))
        out.single("saga_received_bytes_total", "counter", "Bytes of requests' bodies.", Double(counts.bytesReceived))
        out.single(
            "saga_sent_bytes_total", "counter", "Bytes of answers' bodies of known length.", Double(counts.bytesSent))
        out.single("saga_unavailable_total", "counter", "Answers with status 503.", Double(counts.unavailable))
        out.single("saga_event_followers", "gauge", "Clients that follow events.", Double(counts.followers))
        let pool = await store.poolUse
        out.single("saga_pool_connections", "gauge", "Open connections to the database.", Double(pool.open))
        out.single(
            "saga_pool_in_use", "gauge", "Connections that are lent to a request.", Double(pool.inUse))
        out.single("saga_pool_waiting", "gauge", "Requests that wait for a connection.", Double(pool.waiting))
        if let memory = ProcessMemory.resident {
            out.single("process_resident_memory_bytes", "gauge", "Resident memory of the server.", Double(memory))
        }
        return out.text
    }

    private func add(_ histogram: ServerMetrics.Histogram, _ route: String, to out: inout PrometheusText) {
        var count = 0
        for (index, inBucket) in histogram.counts.enumerated() {
            count += inBucket
            let bound = index < ServerMetrics.Histogram.bounds.count ? ServerMetrics.Histogram.bounds[index] : .infinity
            out.sample(
                "saga_request_seconds_bucket", [("route", route), ("le", PrometheusText.number(bound))], Double(count))
        }
        out.sample("saga_request_seconds_sum", [("route", route)], histogram.sum)
        out.sample("saga_request_seconds_count", [("route", route)], Double(count))
    }
}
