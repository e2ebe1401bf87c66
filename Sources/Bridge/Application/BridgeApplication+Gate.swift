internal import BrokerModel
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

// What stands between a caller who was recognised and the route that answers.
extension BridgeApplication {
    /// Records what is about to change before it does, has the route answer, and records the answer.
    func answer(_ context: RouteContext, by route: Route) -> HTTPReply {
        guard context.isRecorded else { return reply(context, by: route) }
        if let problem = trail.refusal(of: context) {
            return .ready(context.problem(problem))
        }
        guard context.isWrite else { return recorded(reply(context, by: route), context) }
        guard !context.recordsOwnIntent, trail.log != nil else {
            let reply = reply(context, by: route)
            guard case .pending(let body) = reply else { return recorded(reply, context) }
            return recorded(once(context, body), context)
        }
        return recorded(
            once(context) { [self] in
                do throws(Problem) { try await trail.intent(of: context) } catch {
                    // A halt, and the end of a key, take effect though nothing can be written any more.
                    if !context.isHalt, !context.isRevocation { return context.problem(error) }
                }
                switch reply(context, by: route) {
                case .ready(let response): return response
                case .pending(let body): return await body()
                // No write answers in another way.
                case .stream, .upgrade, .hangUp: return context.problem(Problem(status: 503, code: "overloaded"))
                }
            }, context)
    }

    private func reply(_ context: RouteContext, by route: Route) -> HTTPReply {
        do throws(Problem) { return try route.handle(self, context) } catch { return .ready(context.problem(error)) }
    }

    private func recorded(_ reply: HTTPReply, _ context: RouteContext) -> HTTPReply {
        switch reply {
        case .ready(let response):
            trail.answered(context, response.status, response.body)
            return reply
        case .pending(let body):
            return .pending { [trail] in
                let response = await body()
                trail.answered(context, response.status, response.body, isAbandoned: Task.isCancelled)
                return response
            }
        case .stream:
            trail.answered(context, 200)
            return reply
        case .upgrade, .hangUp: return reply
        }
    }
}
