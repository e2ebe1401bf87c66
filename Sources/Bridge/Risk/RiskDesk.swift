internal import BrokerModel
internal import Bytes
internal import Clocks
internal import EventLoops
internal import HTTPWire
internal import Storage

/// Judges every order and amendment by the rules of its account and of its key, and counts what is let through.
///
/// Judging and counting are one step on the loop, so that no two orders can pass through the room for one. What counts is
/// written in the commit of the order itself: after a crash it stands exactly for the orders there are.
@LoopActor
final class RiskDesk {
    /// What was let through, and why.
    struct Ticket: Sendable {
        var entry: RiskEntry
        var verdicts: [RiskVerdict]
    }

    /// The rules of a key by its name.
    var keyRules: (String) -> RiskRules = { _ in RiskRules() }
    /// The orders of an account, or of all, that are not over.
    var openOrders: (_ account: String?) -> [OrderID] = { _ in [] }
    private(set) var rules: [String: (rules: RiskRules, updatedAt: WallTime)] = [:]
    private(set) var switches: [String: KillSwitch] = [:]
    private var accountHistory: [String: RiskHistory] = [:]
    private var keyHistory: [String: RiskHistory] = [:]
    /// Who placed the orders that are open.
    private var holders: [OrderID: String] = [:]
    /// Let through, and not yet among the ledger's orders.
    private var underWay: [String: RiskEntry] = [:]

    /// Names of keys whose history is kept; names are the configuration's and the state's, both bounded.
    private static let holderBound = 50_000

    // MARK: Start

    func load(_ contents: RiskStore.Contents) {
        rules = contents.rules
        switches = contents.switches
        holders = contents.holders
        for entry in contents.entries {
            accountHistory[entry.account, default: RiskHistory()].submitted(entry)
            keyHistory[entry.holder, default: RiskHistory()].submitted(entry)
        }
        // Bounds that cannot be read must not become none.
        for account in contents.unreadable where switches[account] == nil {
            switches[account] = KillSwitch(
                reason: "the rules of risk in the state cannot be read; set them again, then lift the halt",
                setBy: "brokerbridge", since: .now())
        }
    }

    // MARK: Judging

    /// Whether trading of the account is halted.
    func halt(of account: String) -> Problem? {
        if let whole = switches[KillSwitch.whole] { return whole.problem(isWhole: true) }
        return switches[account]?.problem(isWhole: false)
    }

    /// Whether a rule asks for the last price of what is to be done.
    func needsLastPrice(_ intent: OrderIntent, account: String, holder: String) -> Bool {
        guard !intent.onlyLessens else { return false }
        return [rules[account]?.rules ?? RiskRules(), keyRules(holder)].contains { rules in
            (rules.priceCollarPercent != nil && !intent.priced.isEmpty)
                || (intent.isAnythingValuedByLast && (rules.maxOrderValue != nil || rules.maxNotionalPerDay != nil))
        }
    }

    /// Whether a rule asks for the value of what is to be done.
    func needsValue(_ intent: OrderIntent, account: String, holder: String) -> Bool {
        guard !intent.onlyLessens else { return false }
        return [rules[account]?.rules ?? RiskRules(), keyRules(holder)].contains { rules in
            rules.maxOrderValue != nil || rules.maxNotionalPerDay != nil
        }
    }

    /// What every rule says; nothing is counted.
    func verdicts(_ intent: OrderIntent, account: String, holder: String, at now: WallTime) -> [RiskVerdict] {
        let accountGate = RiskGate(owner: .account, rules: rules[account]?.rules ?? RiskRules())
        let keyGate = RiskGate(owner: .key, rules: keyRules(holder))
        return accountGate.check(
            intent, accountHistory[account] ?? RiskHistory(), openOrders: openCount(ofAccount: account), at: now)
            + keyGate.check(
                intent, keyHistory[holder] ?? RiskHistory(), openOrders: openCount(ofKey: holder), at: now)
    }

    /// The account's orders that are not over, those on their way included.
    func openCount(ofAccount account: String) -> Int {
        openOrders(account).count + underWay.values.count { $0.isOrder && $0.account == account }
    }

    /// The same for a key, in all accounts.
    func openCount(ofKey holder: String) -> Int {
        openOrders(nil).count { holders[$0] == holder }
            + underWay.values.count { $0.isOrder && $0.holder == holder }
    }

    /// Lets it through and counts it, or says why not.
    ///
    /// - Parameter id: the order's; of an amendment, with its version.
    func admit(
        _ intent: OrderIntent, id: String, account: String, holder: String
    ) throws(Problem) -> Ticket {
        if let halted = halt(of: account) { throw halted }
        let now = WallTime.now()
        let verdicts = verdicts(intent, account: account, holder: holder, at: now)
        guard verdicts.allSatisfy(\.isPassed) else { throw RiskDesk.refusal(verdicts) }
        let entry = RiskEntry(
            id: id, account: account, holder: holder, market: intent.symbol.market, isOrder: intent.isNew,
            value: intent.addedValue, at: now)
        accountHistory[account, default: RiskHistory()].submitted(entry)
        if keyHistory.count >= RiskDesk.holderBound, keyHistory[holder] == nil { keyHistory = [:] }
        keyHistory[holder, default: RiskHistory()].submitted(entry)
        underWay[id] = entry
        return Ticket(entry: entry, verdicts: verdicts)
    }

    nonisolated static func refusal(_ verdicts: [RiskVerdict]) -> Problem {
        let failed = verdicts.filter { !$0.isPassed }
        return Problem(
            status: 422, code: "risk_limit",
            detail: "Against the rules of risk: \(failed.map(\.sentence).joined(separator: "; ")).",
            extra: [("verdicts", .array(verdicts.map(\.json)))])
    }

    // MARK: What became of it

    /// It is among the ledger's orders now.
    func kept(_ ticket: Ticket, _ id: OrderID) {
        underWay[ticket.entry.id] = nil
        guard ticket.entry.isOrder else { return }
        holders[id] = ticket.entry.holder
    }

    /// It became nothing: its key had been used, or the disk refused it.
    func undo(_ ticket: Ticket) {
        underWay[ticket.entry.id] = nil
        accountHistory[ticket.entry.account]?.undone(ticket.entry)
        keyHistory[ticket.entry.holder]?.undone(ticket.entry)
    }

    /// The broker provably did not take it.
    func release(_ ticket: Ticket) {
        accountHistory[ticket.entry.account]?.released(ticket.entry)
        keyHistory[ticket.entry.holder]?.released(ticket.entry)
    }

    /// Forgets who placed orders that are over.
    func forgetHolders() {
        let open = Set(openOrders(nil))
        holders = holders.filter { open.contains($0.key) }
    }

    // MARK: Settings

    func set(_ newer: RiskRules, of account: String, at now: WallTime) { rules[account] = (newer, now) }
    func set(_ kill: KillSwitch?, place: String) { switches[place] = kill }

    /// What counts at this moment.
    struct Use {
        var ordersInMinute: Int
        var days: [(day: RiskHistory.Day, orders: Int, notional: DecimalText)]
    }

    func use(ofAccount account: String, at now: WallTime) -> Use { use(accountHistory[account], now) }
    func use(ofKey holder: String, at now: WallTime) -> Use { use(keyHistory[holder], now) }

    private func use(_ history: RiskHistory?, _ now: WallTime) -> Use {
        let history = history ?? RiskHistory()
        return Use(
            ordersInMinute: history.count(inMinuteBefore: now),
            days: history.today.filter { $0.day == RiskHistory.Day($0.day.market, at: now) })
    }
}
