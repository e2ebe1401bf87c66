internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import EventLoops
internal import HTTPServing
internal import HTTPWire

/// The broker's own interface through the bridge: authenticated, paced, and closed to orders, which have routes of their own.
extension BridgeApplication {
    static func addRawRoutes(to table: inout RouteTable<Route>) {
        for method in [HTTPMethod.get, .post, .put, .delete] {
            table.add(
                method, "/v1/accounts/{account}/longbridge/{path+}",
                Route(scope: .raw) { application, context throws(Problem) in
                    try application.raw("longbridge", context)
                })
        }
        table.add(
            .post, "/v1/accounts/{account}/opend/{name}",
            Route(scope: .raw) { application, context throws(Problem) in try application.raw("opend", context) })
    }

    private func raw(_ name: String, _ context: RouteContext) throws(Problem) -> HTTPReply {
        let broker = try accounts.named(context.parameters["account"], context.holder)
        guard let raw = broker.raw, raw.name == name else {
            throw Problem(
                status: 501, code: "not_supported_by_broker", detail: "The account is not at this broker.")
        }
        let call = try context.rawCall()
        let isWrite = raw.isWrite(call)
        if isWrite, !context.holder.may(.trade) {
            throw Problem(
                status: 403, code: "insufficient_scope",
                detail: "A raw call that changes something needs the scope trade too.")
        }
        if isWrite, let halted = risk.halt(of: broker.account.alias) { throw halted }
        switch raw.permission(call) {
        case .allowed: break
        case .usesOrders:
            throw Problem(
                status: 403, code: "raw_not_allowed",
                detail: "Orders go through /v1/accounts/{account}/orders, where they are kept and sent once.")
        case .notListed:
            throw Problem(
                status: 403, code: "raw_not_allowed", detail: "This call is not among those that may be made raw.")
        }
        let wait = longestWait(context)
        let perform: @LoopActor @Sendable () async throws(BrokerFailure) -> HTTPResponse = {
            () async throws(BrokerFailure) in
            context.json(try await raw.call(call, wait: wait))
        }
        return context.later(perform)
    }
}

extension RouteContext {
    /// The call behind the prefix. The host is the account's; the path holds nothing that could mean another place.
    fileprivate func rawCall() throws(Problem) -> RawCall {
        let target = request.head.target
        let whole = target.text
        let end = whole.utf8.firstIndex(of: UInt8(ascii: "?"))
        let query = end.map { String(whole[whole.utf8.index(after: $0)...]) } ?? ""
        let path = String(whole[..<(end ?? whole.endIndex)])
        // "", v1, accounts, the alias, the broker's word, and all behind it.
        let parts = path.split(separator: "/", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6 else { throw .notFound }
        let rest = "/\(parts[5])"
        let isClean = rest.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isClean, !rest.contains("//"), !rest.contains(".."), rest.utf8.count <= 512, query.utf8.count <= 4096
        else {
            throw Problem(
                status: 400, code: "invalid_field",
                detail: "The path holds letters, digits, and - . _ between single slashes.", field: "path")
        }
        if !request.body.isEmpty {
            try requireJSON()
            _ = try BodyReader(request.body)
        }
        return RawCall(
            method: request.head.method == .head ? "GET" : request.head.method.text, path: rest, query: query,
            body: request.body.isEmpty ? nil : request.body)
    }
}
