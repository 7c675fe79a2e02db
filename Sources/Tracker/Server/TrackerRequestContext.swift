import Hummingbird

typealias TrackerRequestContext = BasicRequestContext
typealias TrackerRoutes = RouterGroup<TrackerRequestContext>
