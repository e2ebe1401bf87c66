internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPServing
internal import HTTPWire
internal import Limits

// What each caller may ask of the bridge.
extension BridgeApplication.Route {
    /// Whose limit its calls count against.
    func group(of method: HTTPMethod) -> EndpointClass {
        if let group { return group }
        switch scope {
        case .marketRead: return .market
        case .tradeCancel: return .cancel
        case .admin, .auditRead: return .admin
        case .trade: return .trade
        case .accountRead, .opsRead, nil: return .account
        case .raw: return AuditTrail.isWrite(method) ? .trade : .account
        }
    }
}

extension RouteContext {
    /// Method and route.
    fileprivate var called: InboundLimits.Called { (request.head.method, template) }

    /// The kind of call, as it is expected again.
    fileprivate var way: String { "\(request.head.method.text) \(template)" }
}

extension BridgeApplication {
    /// The caller with the place where its calls count; it keeps that as long as it is remembered.
    func placed(_ holder: KeyHolder) -> KeyHolder {
        guard let key = keys.key(named: holder.name) else { return holder }
        return KeyHolder(holder, place: inbound.place(of: key, at: .now()))
    }

    /// Why the call cannot be let in now.
    func tooFast(_ context: RouteContext, _ group: EndpointClass, _ wait: Duration) -> Problem {
        let endpoint = inbound.row(context.holder.place ?? inbound.shared, context.called)?.endpoint
        return Problem(
            status: 429, code: "rate_limited",
            detail: "The key's rate of calls to \(endpoint?.description ?? group.meaning) is used up.",
            retryable: true, retryAfter: wait)
    }

    /// The answer with the caller's `standing` on it. One that takes time is under way until it is there.
    func limited(
        _ reply: HTTPReply, _ context: RouteContext, _ group: EndpointClass, _ standing: RateLimitFields
    ) -> HTTPReply {
        let caller = context.holder.place ?? inbound.shared
        switch reply {
        case .ready(let response) where response.rateLimit != nil: return reply
        case .ready(var response):
            response.rateLimit = standing
            return .ready(response)
        case .pending(let body):
            guard let place = inbound.enter(caller, group) else { return .ready(overfull(context, caller, group)) }
            return .pending { [self] in
                defer { inbound.leave(place, group) }
                var response = await UpstreamCaller.$current.withValue(upstreamCaller(context)) { await body() }
                if response.status == 429 { expect(context, response) }
                if let seconds = preferredWait(context) { response.fields["Preference-Applied"] = "wait=\(seconds)" }
                var fields = inbound.fields(caller, group, context.called, at: .now())
                fields.upstream = response.rateLimit?.upstream ?? upstreamStanding(context, group)
                response.rateLimit = fields
                return response
            }
        case .stream(var fields, let start):
            standing.add(to: &fields)
            return .stream(fields, start: start)
        case .upgrade, .hangUp: return reply
        }
    }

    /// For whom the broker is asked.
    private func upstreamCaller(_ context: RouteContext) -> UpstreamCaller {
        let now = context.request.receivedAt
        var caller = UpstreamCaller(name: context.holder.name, isHurried: preferredWait(context) != nil)
        if !returns.isEmpty, returns.comes(caller.name, context.way, at: now) {
            caller.isExpectedUntil = now + .seconds(10)
        }
        return caller
    }

    /// How long the call may wait for the broker's limits.
    func longestWait(_ context: RouteContext) -> Duration {
        preferredWait(context).map { .seconds($0) } ?? marketData.maxWait
    }

    /// The seconds that the caller would rather wait, if that is less than it might have to.
    func preferredWait(_ context: RouteContext) -> Int? {
        context.request.head.preferredWaitSeconds.flatMap { .seconds($0) < marketData.maxWait ? $0 : nil }
    }

    /// Who was told when to come back is expected then.
    private func expect(_ context: RouteContext, _ refusal: HTTPResponse) {
        guard let wait = refusal.retryAfter, wait <= BridgeApplication.longestExpectation else { return }
        returns.told(context.holder.name, context.way, wait: wait, at: .now())
    }

    /// Whoever is told a longer time is not expected.
    private static let longestExpectation = Duration.seconds(600)

    private func overfull(
        _ context: RouteContext, _ caller: CallerTable.Place, _ group: EndpointClass
    ) -> HTTPResponse {
        var response = context.problem(
            Problem(
                status: 429, code: "rate_limited",
                detail: "As many calls of the key to \(group.meaning) wait for their answer as may.", retryable: true,
                retryAfter: .seconds(1)))
        response.rateLimit = inbound.fields(caller, group, context.called, at: .now())
        trail.answered(context, response.status, response.body)
        return response
    }
}
