internal import BrokerModel
internal import BrokerSessions
internal import Clocks
internal import Cryptography
internal import EventLoops
internal import OpenDWire
internal import Storage

/// The trading side of an account behind a gateway.
///
///     offline ──link ready──▶ settingUp ──account found, pushes registered──▶ ready
///        ▲                     │  ▲                                             │
///        │                     ▼  │ after a while                               │
///        ├──────────────── waiting, held ◀── no account fits, no trade login ───┤
///        └──────────────────────── link lost ◀──────────────────────────────────┘
@LoopActor
final class OpenDTrading: TradingBroker {
    /// Where it stands.
    enum Standing: Equatable {
        case offline
        case settingUp
        /// It did not work, and is tried again.
        case waiting(String)
        /// Somebody must act, at the gateway or on the configuration.
        case held(String)
        case ready
    }

    var onTradeEvent: (@LoopActor (TradeEvent) -> Void)?
    /// The standing or the lock changed.
    var onStatus: (() -> Void)?

    let calls: any OpenDCalls
    let settings: OpenDTradeSettings
    /// The account, once found. It stays when the link is lost: reads say then that the link is not there.
    private(set) var account: TradingAccount?
    private(set) var standing = Standing.offline
    private(set) var since = WallTime.now()
    private(set) var lock: TradeLock
    /// Whether the gateway refused the password, in this run or before.
    let refusals: RefusalRecord?
    private var losses = 0
    private var hasPushed = false
    private var work: Task<Void, Never>?
    private lazy var retry = LoopTimer { [weak self] in self?.setUp() }
    private var attempts = 0

    /// What it adds to an account. Paper accounts have no fills, fees, margin figures or cash flow at the broker.
    static func capabilities(isPaper: Bool) -> [Capability] {
        [.orders, .balances, .positions, .fundPositions, .estimates, .orderStream]
            + (isPaper ? [] : [.executions, .cashFlow, .marginRatios, .executionStream])
    }

    /// How long the gateway may take for a call.
    static let timeout = Duration.seconds(12)
    /// How long calls that nobody waits for may wait for their turn.
    static let ownWait = Duration.seconds(20)

    init(_ settings: OpenDTradeSettings, calls: any OpenDCalls, refusals: RefusalRecord? = nil) {
        self.settings = settings
        self.calls = calls
        self.refusals = refusals
        lock = TradeLock(isPaper: settings.isPaper, hasPassword: settings.password != nil)
        calls.onPush(OpenD.TrdUpdateOrder.S2C.self) { [weak self] in self?.pushed($0) }
        calls.onPush(OpenD.TrdUpdateOrderFill.S2C.self) { [weak self] in self?.pushed($0) }
        calls.observe { [weak self] in self?.told($0) }
    }

    /// Ends what is under way; the link is stopped by whoever owns it.
    func stop() {
        work?.cancel()
        retry.cancel()
        change(.offline)
    }

    // MARK: State

    var status: LinkStatus {
        var status = LinkStatus(name: .trade, since: since)
        status.losses = losses
        status.attempts = attempts
        switch standing {
        case .offline: status.state = .disconnected
        case .settingUp: status.state = .authenticating
        case .waiting(let reason):
            status.state = .backingOff
            status.reason = reason
        case .held(let reason):
            status.state = .held
            status.reason = reason
        case .ready: status.state = .ready
        }
        if case .ready = standing, case .locked(let reason) = lock.state { status.reason = reason }
        return status
    }

    /// Accounts that are said not to push are asked often until one of them does.
    var isPushing: Bool { standing == .ready && (account?.maySayNothing != true || hasPushed) }

    private func change(_ standing: Standing) {
        guard standing != self.standing else { return }
        let wasReady = self.standing == .ready
        self.standing = standing
        since = .now()
        if wasReady {
            losses += 1
            onTradeEvent?(.lost)
        }
        onStatus?()
        if standing == .ready { onTradeEvent?(.ready) }
    }

    // MARK: Set-up

    private func told(_ news: OpenDLinkNews) {
        switch news {
        case .ready:
            attempts = 0
            setUp()
        case .changed(let session):
            // The gateway logged in or out at the trade servers.
            if session.isTradeReady, standing != .ready { setUp() }
            if !session.isTradeReady { change(.held(OpenDTrading.noTradeLogin)) }
        case .lost:
            work?.cancel()
            retry.cancel()
            change(.offline)
        }
    }

    private static let noTradeLogin = "the gateway is not logged in at the trade servers"

    /// Finds the account, registers for its pushes, unlocks. Begun anew with each connection.
    private func setUp() {
        work?.cancel()
        retry.cancel()
        guard let session = calls.session else { return }
        guard session.isTradeReady else { return change(.held(OpenDTrading.noTradeLogin)) }
        attempts += 1
        change(.settingUp)
        work = spawn { [weak self] in
            guard let self else { return }
            do throws(OpenDCallFailure) {
                switch try await findAccount(session) {
                case .undecided(let reason): settle(.held(reason), session)
                case .chosen(let account):
                    self.account = account
                    try await register(account)
                    if await mayUnlock() { await unlock(account) }
                    settle(.ready, session)
                }
            } catch {
                settle(.waiting(BrokerFailure(error).explanation), session)
            }
        }
    }

    /// Ends the set-up, unless another connection has begun its own meanwhile.
    private func settle(_ standing: Standing, _ session: OpenDSession) {
        guard calls.session?.connection == session.connection, !Task.isCancelled else { return }
        change(standing)
        guard case .waiting = standing else { return }
        retry.schedule(after: .seconds(min(60, 5 << min(attempts, 4))))
    }

    private func findAccount(_ session: OpenDSession) async throws(OpenDCallFailure) -> AccountChoice {
        var request = OpenD.TrdGetAccList.C2S()
        request.userID = session.user
        let category: OpenD.TrdCommon.TrdCategory = settings.category == .futures ? .future : .security
        request.trdCategory = category.rawValue
        request.needGeneralSecAccount = true
        let reply = try await calls.call(request, wait: OpenDTrading.ownWait)
        return AccountChoice(settings, among: reply.accList)
    }

    private func register(_ account: TradingAccount) async throws(OpenDCallFailure) {
        var request = OpenD.TrdSubAccPush.C2S()
        request.accIDList = [account.id]
        _ = try await calls.call(request, wait: OpenDTrading.ownWait)
    }

    // MARK: The lock

    /// Unlocks trading, as a person asked: also after a refusal.
    func unlock(wait: Duration) async throws(BrokerFailure) {
        guard lock.state != .notNeeded else { return }
        guard settings.password != nil else {
            throw BrokerFailure(.tradeLocked, "No trade password is configured; unlock trading at the gateway.")
        }
        guard let account else { throw notReady }
        try await unlock(account, wait: wait).get()
    }

    /// Whether to unlock on this connection. A password that an earlier run was refused is not tried again: the broker
    /// counts the tries of all runs.
    private func mayUnlock() async -> Bool {
        guard lock.connected() else { return false }
        await refusals?.load()
        guard let refusals, refusals.count > 0 else { return true }
        lock.refused(refusals.reason)
        return false
    }

    @discardableResult
    private func unlock(
        _ account: TradingAccount, wait: Duration = OpenDTrading.ownWait
    ) async -> Result<Void, BrokerFailure> {
        guard let password = settings.password else { return .success(()) }
        var request = OpenD.TrdUnlockTrade.C2S()
        request.unlock = true
        request.pwdMD5 = password.hash.withBytes { String(decoding: $0, as: UTF8.self) }
        request.securityFirm = account.firm
        defer { onStatus?() }
        do throws(OpenDCallFailure) {
            _ = try await calls.call(request, wait: wait)
            lock.accepted()
            refusals?.forget()
            return .success(())
        } catch {
            let failure = BrokerFailure(error)
            // Only what the gateway said about the password keeps us from trying again by ourselves.
            if case .refused(let refusal) = error, refusal.isDefinite, refusal.sense != .frequency {
                let said = refusal.message.map { ": \($0.prefix(200))" } ?? ""
                let reason = "the gateway refused to unlock trading\(said)"
                lock.refused(reason)
                refusals?.refused(reason)
                return .failure(
                    BrokerFailure(
                        .tradeLocked, "The gateway refused to unlock trading.", upstream: failure.upstream))
            }
            return .failure(failure)
        }
    }

    func foundLocked() {
        lock.foundLocked()
        onStatus?()
    }

    func foundUnlocked() {
        let before = lock
        lock.foundUnlocked()
        if before != lock { onStatus?() }
    }

    // MARK: Pushes

    private func pushed(_ push: OpenD.TrdUpdateOrder.S2C) {
        guard push.header.accID == account?.id, let order = BrokerOrder(push.order, header: push.header) else { return }
        hasPushed = true
        onTradeEvent?(.order(order))
    }

    private func pushed(_ push: OpenD.TrdUpdateOrderFill.S2C) {
        guard push.header.accID == account?.id, let fill = Execution(push.orderFill, header: push.header) else {
            return
        }
        onTradeEvent?(.execution(fill))
    }

    // MARK: Calls

    var orderTypes: Set<OrderType> { Set(OrderType.allCases.filter { OrderCodes.type($0) != nil }) }

    /// Why nothing can be asked for now.
    var notReady: BrokerFailure {
        switch standing {
        case .held(let reason), .waiting(let reason):
            BrokerFailure(.sessionNotReady(state: status.state.rawValue), "The trading side is not ready: \(reason).")
        case .offline, .settingUp, .ready:
            BrokerFailure(
                .sessionNotReady(state: status.state.rawValue),
                "The trading side is not ready: \(calls.reason ?? "the account is being looked for").")
        }
    }

    /// The account, while its orders can be asked for.
    func requireAccount() throws(BrokerFailure) -> TradingAccount {
        guard standing == .ready, let account else { throw notReady }
        return account
    }
}

extension BrokerFailure {
    /// The sentence, with the broker's words behind it, as one clause.
    fileprivate var explanation: String {
        let text = message.hasSuffix(".") ? String(message.dropLast()) : message
        return upstream?.message.map { "\(text): \($0.prefix(200))" } ?? text
    }
}
