internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// What is refused while memory runs short: streams first, then everything but what takes risk away.
extension BridgeApplication {
    /// Begins to refuse by what the watch measures.
    ///
    /// - Parameter scarcity: told when requests with long bodies must no longer be read, and when they may again.
    public func heed(_ watch: MemoryWatch, scarcity: @escaping @LoopActor (Bool) -> Void) {
        memory = watch
        watch.start { [weak self] stage in
            scarcity(stage == .scarce)
            switch stage {
            case .ample: self?.log.warning("memory.ample", .bytes(watch.used), .limit(watch.pressure.limit))
            case .tight: self?.log.warning("memory.tight", .bytes(watch.used), .limit(watch.pressure.limit))
            case .scarce: self?.log.error("memory.scarce", .bytes(watch.used), .limit(watch.pressure.limit))
            }
        }
    }

    /// Whether no stream may be opened for want of memory.
    var isMemoryTight: Bool { (memory?.pressure.stage ?? .ample) >= .tight }

    /// Why a request is refused for want of memory; `nil` if it is not. Cancellations, halts and metrics always pass.
    func shortage(_ context: RouteContext, _ group: EndpointClass) -> Problem? {
        guard memory?.pressure.stage == .scarce, group != .cancel, !context.isHalt, context.template != "/metrics",
            context.template != "/v1/stream"
        else { return nil }
        return Problem(
            status: 503, code: "overloaded", detail: "The process is short of memory.", retryable: true,
            retryAfter: .seconds(1))
    }
}
