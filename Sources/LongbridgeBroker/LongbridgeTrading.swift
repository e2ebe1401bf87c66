internal import BrokerModel
internal import BrokerSessions
internal import Bytes
internal import Clocks
internal import EventLoops
internal import LongbridgeWire
internal import Protobuf
internal import Storage

/// The trading side of a Longbridge account: calls over HTTP within the broker's limits, order changes over a socket.
@LoopActor
final class LongbridgeTrading: TradingBroker {
    var onTradeEvent: (@LoopActor (TradeEvent) -> Void)?
    /// The link's status changed.
    var onStatus: (() -> Void)?

    let settings: LongbridgeAccountSettings
    let gateway: LongbridgeGateway
    let pacer: TradePacer
    private let reads = SharedReads()
    private let link: SocketLink

    /// What it adds to an account. A paper account has no attached orders; the US data centre has no calls for funds and
    /// for the margin of a security.
    nonisolated static func capabilities(_ environment: AccountEnvironment, dataCenter: String) -> [Capability] {
        [.orders, .executions, .balances, .positions, .cashFlow, .estimates, .orderStream, .executionStream]
            + (environment == .paper ? [] : [.attachedOrders])
            + (dataCenter == DataCenter.unitedStates ? [] : [.fundPositions, .marginRatios])
    }

    /// How long the broker may take for a call.
    static let timeout = Duration.seconds(30)

    init(_ settings: LongbridgeAccountSettings, gateway: LongbridgeGateway, refusals: RefusalRecord) {
        self.settings = settings
        self.gateway = gateway
        pacer = TradePacer(calls: settings.bounds.tradeCalls)
        link = SocketLink(.trade, settings, gateway: gateway, refusals: refusals)
        link.onPush = { [weak self] command, body throws(PushFault) in try self?.pushed(command, body) }
        link.onStatus = { [weak self] in self?.onStatus?() }
        link.onReady = { [weak self] in self?.onTradeEvent?(.ready) }
        link.onLost = { [weak self] in self?.onTradeEvent?(.lost) }
    }

    // MARK: The link

    var status: LinkStatus {
        var status = LinkStatus(name: .trade, since: link.since)
        status.state = link.state
        status.attempts = link.attempts
        status.nextAttempt = link.nextAttempt
        status.lastMessage = link.lastMessage
        status.reason = link.reason
        status.losses = link.losses
        return status
    }

    var isPushing: Bool { link.isReady }

    func start() { link.start() }
    func stop() async { await link.stop() }
    func reconnect() -> Bool { link.reconnect() }
    var areCredentialsRefused: Bool { link.areCredentialsRefused }
    func abandon(_ reason: String) { link.abandon(reason) }

    /// A notification of the topic of orders. Events of other names are not for us.
    private func pushed(_ command: UInt8, _ body: [UInt8]) throws(PushFault) {
        guard command == UInt8(clamping: Longbridge.Trade.Command.cmdNotify.rawValue) else {
            throw .unknownCommand(command)
        }
        guard let notification = try? Longbridge.Trade.Notification.decode(body) else {
            throw .unreadable(command: command)
        }
        guard notification.topic == SocketLink.ordersTopic, notification.contentType == .contentJson else { return }
        guard let event = try? JSONValue.parse(notification.data) else { throw .unreadable(command: command) }
        guard event["event"]?.stringValue == "order_changed_lb", let data = event["data"] else { return }
        guard let order = BrokerOrder(pushed: data) else { throw .unreadable(command: command) }
        reads.forget()
        onTradeEvent?(.order(order))
    }

    // MARK: Calls

    var orderTypes: Set<OrderType> { Set(OrderType.allCases.filter { TradeWords.type($0) != nil }) }

    /// A call that only looks.
    func read(
        _ path: String, _ query: [(name: String, value: String)] = [], wait: Duration
    ) async throws(BrokerFailure) -> JSONValue {
        try await read(GatewayCall(path, query: query, deadline: LongbridgeTrading.timeout), wait: wait)
    }

    /// The same, of any form. Equal ones under way are one call.
    func read(_ call: GatewayCall, wait: Duration) async throws(BrokerFailure) -> JSONValue {
        let body = call.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
        return try await reads.answer("\(call.method) \(call.target) \(body)") { [self] flight throws(BrokerFailure) in
            let turn = try await pacer.turn(.read, wait: wait)
            defer { pacer.ended(turn) }
            flight.isSent = true
            do throws(LongbridgeGateway.Failure) {
                return try await gateway.call(call)
            } catch {
                throw learn(BrokerFailure(error))
            }
        }
    }

    /// A call that changes something. It is made at most once, and goes on when the caller leaves.
    func write(
        _ call: GatewayCall, _ callClass: TradeLimits.CallClass, wait: Duration,
        accepted: @escaping @LoopActor (JSONValue) -> WriteOutcome
    ) async -> WriteOutcome {
        let turn: TradePacer.Turn
        do throws(BrokerFailure) { turn = try await pacer.turn(callClass, wait: wait) } catch { return .notSent(error) }
        reads.forget()
        defer { reads.forget() }
        let task = spawn { [gateway, pacer] () async -> WriteOutcome in
            defer { pacer.ended(turn) }
            do throws(LongbridgeGateway.Failure) { return accepted(try await gateway.call(call)) } catch {
                return error.writeOutcome
            }
        }
        let outcome = await task.value
        if case .notSent(let failure) = outcome { _ = learn(failure) }
        return outcome
    }

    private func learn(_ failure: BrokerFailure) -> BrokerFailure {
        if failure.kind == .rateLimited, let retryAfter = failure.retryAfter { pacer.refused(retryAfter: retryAfter) }
        return failure
    }
}
