public import Bytes
public import Clocks

/// An order as the bridge keeps it: what was asked, what the broker says of it, and what is under way.
///
///     pending_submit ──accepted──▶ open ──▶ partially_filled ──▶ filled
///        │      └─no answer─▶ unknown ─found─▶ (as the broker says)   │
///        │                       └─ not there, settled ─▶ rejected    ├▶ cancelled, expired, rejected
///        └─refused─▶ rejected                                         ┘
///
/// `pending_replace` and `pending_cancel` lie over whatever the broker last said, until it says more. News comes late,
/// twice and out of order: what is older than what is known changes nothing, and nothing leaves a final status, with one
/// exception that honesty demands, ``revives(_:)``.
///
/// Holds no clock: each event brings its time. ``version`` grows by one with each change.
public struct Order: Equatable, Sendable {
    /// Why an order is rejected.
    public struct Rejection: Equatable, Sendable {
        /// `broker_rejected`, `not_sent`, `not_received`, or the broker's code.
        public var code: String
        /// For people.
        public var detail: String?

        /// One reason.
        public init(code: String, detail: String?) {
            self.code = code
            self.detail = detail
        }
    }

    /// What is known of the last request about it.
    public enum Outcome: String, Sendable, CaseIterable {
        case pending, accepted, rejected, unknown
        /// Provably not sent.
        case notSent = "not_sent"
    }

    /// A request of ours that the broker has not shown the effect of.
    public struct Pending: Equatable, Sendable {
        /// Which request.
        public enum Kind: String, Sendable {
            case replace, cancel
        }

        /// Which request.
        public var kind: Kind
        /// What it changes; for a cancellation nothing.
        public var change: OrderChange
        /// Since when.
        public var since: WallTime

        /// One request.
        public init(kind: Kind, change: OrderChange, since: WallTime) {
            self.kind = kind
            self.change = change
            self.since = since
        }
    }

    /// Ours, for good.
    public let id: OrderID
    /// Grows by one with each change, from 1.
    public internal(set) var version = 1
    /// The account's alias.
    public let account: String
    /// What was asked for, amendments that took effect included.
    public internal(set) var request: OrderRequest
    /// `nil` where the broker's type is not one of ours.
    public internal(set) var brokerType: OrderType?
    /// The broker's number, once known.
    public internal(set) var brokerOrderID: String?
    /// Whether it was placed by somebody else: a person, another program.
    public let isForeign: Bool
    /// Whether more than one order at the broker carries its tag.
    public internal(set) var isDuplicateSuspected = false
    /// The security's name.
    public internal(set) var name: String?
    /// What the broker last said, or what we know without it.
    public internal(set) var settledStatus: OrderStatus
    /// The broker's word.
    public internal(set) var brokerStatus: String?
    /// Shares done.
    public internal(set) var filledQuantity = DecimalText.zero
    /// Their average price.
    public internal(set) var averagePrice: DecimalText?
    /// ISO 4217.
    public internal(set) var currency: String?
    /// Its attached orders, as the broker last told of them.
    public internal(set) var attachedOrders: [AttachedOrder] = []
    /// Of the last request.
    public internal(set) var outcome: Outcome
    /// Why it was rejected.
    public internal(set) var rejection: Rejection?
    /// The request under way.
    public internal(set) var pending: Pending?
    /// When we first knew of it.
    public let createdAt: WallTime
    /// When it last changed here.
    public internal(set) var updatedAt: WallTime
    /// When the broker last changed it.
    public internal(set) var brokerUpdatedAt: WallTime?

    /// What a caller sees.
    public var status: OrderStatus {
        guard !settledStatus.isFinal, let pending else { return settledStatus }
        return pending.kind == .cancel ? .pendingCancel : .pendingReplace
    }

    /// Whether an attached order may still do something, though the order itself is over.
    public var hasLiveAttachedOrders: Bool { attachedOrders.contains(where: \.isLive) }

    /// Whether it is over and should have attached orders now that nobody has told of yet.
    public var isMissingAttachedOrders: Bool {
        request.attached != nil && attachedOrders.isEmpty && settledStatus.isFinal && !filledQuantity.isZero
    }

    /// Shares that may still be done; none once it is final.
    public var remainingQuantity: DecimalText {
        guard !status.isFinal, let rest = request.quantity.subtracting(filledQuantity), !rest.isNegative else {
            return .zero
        }
        return rest
    }

    /// An order of ours, before it is sent.
    public init(id: OrderID, account: String, request: OrderRequest, at time: WallTime) {
        self.id = id
        self.account = account
        self.request = request
        brokerType = request.type
        isForeign = false
        settledStatus = .pendingSubmit
        outcome = .pending
        createdAt = time
        updatedAt = time
    }

    /// An order found at the broker that is not ours.
    public init(id: OrderID, account: String, found: BrokerOrder, at time: WallTime) {
        self.id = id
        self.account = account
        request = OrderRequest(
            symbol: found.symbol, side: found.side, type: found.type ?? .limit, quantity: found.quantity)
        isForeign = true
        settledStatus = .open
        outcome = .accepted
        createdAt = found.submittedAt ?? time
        updatedAt = time
        brokerOrderID = found.brokerOrderID
        take(found)
    }

    /// An order of ours that was found at the broker and had been lost here: the state was put back to an older copy.
    public init(id: OrderID, account: String, recovered found: BrokerOrder, at time: WallTime) {
        self.id = id
        self.account = account
        request = OrderRequest(
            symbol: found.symbol, side: found.side, type: found.type ?? .limit, quantity: found.quantity)
        isForeign = false
        settledStatus = .open
        outcome = .accepted
        createdAt = id.time
        updatedAt = time
        brokerOrderID = found.brokerOrderID
        take(found)
    }

    /// Its caller has come again, and tells by what name it goes.
    public mutating func named(_ clientOrderID: String?, note: String?, at time: WallTime) -> Bool {
        guard request.clientOrderID != clientOrderID || request.note != note else { return false }
        request.clientOrderID = clientOrderID
        request.note = note
        return changed(at: time)
    }

    // MARK: The submit

    /// The broker took it. `false` if that was known.
    public mutating func accepted(brokerOrderID: String, at time: WallTime) -> Bool {
        guard outcome != .accepted || self.brokerOrderID == nil else { return false }
        self.brokerOrderID = self.brokerOrderID ?? brokerOrderID
        outcome = .accepted
        if settledStatus == .pendingSubmit || settledStatus == .unknown { settledStatus = .open }
        return changed(at: time)
    }

    /// The broker refused it for good.
    public mutating func refused(_ reason: Rejection, at time: WallTime) -> Bool {
        guard settledStatus == .pendingSubmit || settledStatus == .unknown, brokerOrderID == nil else { return false }
        settledStatus = .rejected
        outcome = .rejected
        rejection = reason
        return changed(at: time)
    }

    /// Not one octet left.
    public mutating func notSent(_ detail: String, at time: WallTime) -> Bool {
        guard settledStatus == .pendingSubmit, brokerOrderID == nil else { return false }
        settledStatus = .rejected
        outcome = .notSent
        rejection = Rejection(code: "not_sent", detail: detail)
        return changed(at: time)
    }

    /// It was sent, and no answer can be had.
    public mutating func lost(at time: WallTime) -> Bool {
        guard settledStatus == .pendingSubmit, brokerOrderID == nil else { return false }
        settledStatus = .unknown
        outcome = .unknown
        return changed(at: time)
    }

    /// Looked for until nothing could arrive any more, and not there.
    public mutating func notReceived(at time: WallTime) -> Bool {
        guard settledStatus == .unknown || settledStatus == .pendingSubmit, brokerOrderID == nil else { return false }
        settledStatus = .rejected
        outcome = .rejected
        rejection = Rejection(code: "not_received", detail: "The broker has no such order.")
        return changed(at: time)
    }

    /// The broker had it, and has it no more: neither in a list nor by its number. What was done of it stays counted.
    public mutating func gone(at time: WallTime) -> Bool {
        guard !settledStatus.isFinal, brokerOrderID != nil else { return false }
        settledStatus = .expired
        rejection = Rejection(code: "gone", detail: "The broker has the order no more.")
        pending = nil
        return changed(at: time)
    }

    /// Two orders at the broker carry its tag.
    public mutating func suspectDuplicate(at time: WallTime) -> Bool {
        guard !isDuplicateSuspected else { return false }
        isDuplicateSuspected = true
        return changed(at: time)
    }

    // MARK: Amendments and cancellations

    /// A request goes out; one at a time. `false` for an order that takes none now.
    public mutating func began(_ kind: Pending.Kind, _ change: OrderChange = OrderChange(), at time: WallTime) -> Bool {
        guard brokerOrderID != nil, !settledStatus.isFinal else { return false }
        if let pending {
            // A cancellation may follow anything, and may be repeated; an amendment waits its turn.
            guard kind == .cancel else { return false }
            if pending.kind == .cancel { return false }
        }
        pending = Pending(kind: kind, change: change, since: time)
        outcome = .pending
        return changed(at: time)
    }

    /// The broker took the request; its effect is still to be seen.
    public mutating func requestAccepted(at time: WallTime) -> Bool { answered(.accepted, at: time) }

    /// No answer: its effect is to be looked for.
    public mutating func requestLost(at time: WallTime) -> Bool { answered(.unknown, at: time) }

    /// The broker refused it, or it never left: the order stands as the broker last said.
    public mutating func requestRefused(notSent: Bool, at time: WallTime) -> Bool {
        guard pending != nil else { return false }
        pending = nil
        outcome = notSent ? .notSent : .rejected
        return changed(at: time)
    }

    private mutating func answered(_ answer: Outcome, at time: WallTime) -> Bool {
        guard outcome != answer, pending != nil || settledStatus.isFinal else { return false }
        outcome = answer
        return changed(at: time)
    }

    // MARK: News from the broker

    /// How long after a request of ours a list of the broker's may still not show its effect.
    public static let settleTime = Duration.seconds(10)

    /// Takes in what the broker says of it. `false` if that is older than what is known, or the same.
    ///
    /// - Parameter isCurrent: whether it was asked for after everything known here, as a list that was polled is. A push
    ///   may have overtaken, or been overtaken.
    public mutating func observed(_ found: BrokerOrder, isCurrent: Bool, at time: WallTime) -> Bool {
        let before = self
        if brokerOrderID == nil { brokerOrderID = found.brokerOrderID }
        if settledStatus.isFinal, !revives(found) {
            takeLateFills(found)
        } else if isNews(found, isCurrent: isCurrent) {
            if settledStatus == .pendingSubmit || settledStatus == .unknown || settledStatus.isFinal {
                outcome = .accepted
                rejection = nil
            }
            take(found)
            settlePending(found, isCurrent: isCurrent, at: time)
        } else if isCurrent {
            settlePending(found, isCurrent: true, at: time)
        }
        // They go on after the order itself is over.
        if isCurrent || attachedOrders.isEmpty { attachedOrders = found.attachedOrders ?? attachedOrders }
        guard self != before else { return false }
        return changed(at: time)
    }

    /// Whether an order that was refused or given up as never received is at the broker after all. To go on saying "rejected" would be a lie.
    public func revives(_ found: BrokerOrder) -> Bool {
        switch settledStatus {
        case .rejected:
            // What was refused may be there all the same: as a repetition of itself.
            rejection?.code == "not_received" || rejection?.code == "not_sent"
                || brokerStatus == nil && found.status != .rejected
        case .expired: rejection?.code == "gone"
        default: false
        }
    }

    private func isNews(_ found: BrokerOrder, isCurrent: Bool) -> Bool {
        guard brokerStatus != nil else { return true }  // the first news of all
        if found.filledQuantity != filledQuantity { return filledQuantity < found.filledQuantity }
        let status = Order.normalized(found)
        if status.isFinal || isCurrent { return true }
        guard let theirs = found.updatedAt, let ours = brokerUpdatedAt, theirs != ours else {
            return isNewsOfSameTime(found, status)
        }
        return theirs > ours
    }

    /// Whether news comes after what is known, though the broker's times do not say so: they may be of whole seconds.
    private func isNewsOfSameTime(_ found: BrokerOrder, _ status: OrderStatus) -> Bool {
        if let pending, pending.kind == .replace, Order.rank(status) == Order.rank(.open),
            !hasFigures(of: found), Order.shows(found, pending.change)
        {
            return true  // the effect of our own request is later than the request
        }
        guard let succession = found.succession, let brokerStatus else {
            return Order.rank(status) > Order.rank(settledStatus)
        }
        return succession.words.contains(brokerStatus)
            || succession.wordsOfSameFigures.contains(brokerStatus) && hasFigures(of: found)
    }

    /// A fill may become known after the end: a cancellation overtook it.
    private mutating func takeLateFills(_ found: BrokerOrder) {
        guard filledQuantity < found.filledQuantity else { return }
        filledQuantity = found.filledQuantity
        averagePrice = found.averagePrice ?? averagePrice
        if settledStatus == .rejected || settledStatus == .expired, Order.normalized(found) == .filled {
            settledStatus = .filled
        }
    }

    private mutating func take(_ found: BrokerOrder) {
        settledStatus = Order.normalized(found)
        brokerStatus = found.brokerStatus
        brokerType = found.type
        name = found.name ?? name
        currency = found.currency ?? currency
        filledQuantity = found.filledQuantity
        averagePrice = found.averagePrice ?? averagePrice
        brokerUpdatedAt = found.updatedAt ?? brokerUpdatedAt
        request.quantity = found.quantity
        for (price, value) in found.prices { request.prices[price] = value }
        request.timeInForce = found.timeInForce ?? request.timeInForce
        request.expireDate = found.expireDate ?? request.expireDate
        request.outsideRegularHours = found.outsideRegularHours ?? request.outsideRegularHours
        request.conditions = found.conditions ?? request.conditions
        if settledStatus == .rejected {
            outcome = .rejected
            rejection = Rejection(code: "broker_rejected", detail: found.message)
        }
        if settledStatus.isFinal { pending = nil }
    }

    /// Ends a request of ours once its effect shows, or once it would have.
    private mutating func settlePending(_ found: BrokerOrder, isCurrent: Bool, at time: WallTime) {
        guard let pending else { return }
        if pending.kind == .replace, Order.shows(found, pending.change) { return self.pending = nil }
        let isSettled = isCurrent && time - pending.since >= Order.settleTime
        let isWorking = settledStatus == .open || settledStatus == .partiallyFilled
        if isSettled, isWorking {
            self.pending = nil
            if outcome == .unknown || outcome == .pending { outcome = .rejected }
        }
    }

    /// An open order that has fills is partially filled, whatever word the broker has for it.
    private static func normalized(_ found: BrokerOrder) -> OrderStatus {
        let status = found.status ?? .open
        return status == .open && !found.filledQuantity.isZero ? .partiallyFilled : status
    }

    private static func rank(_ status: OrderStatus) -> Int {
        switch status {
        case .pendingSubmit, .unknown: 0
        case .open, .partiallyFilled: 1
        case .pendingReplace: 2
        case .pendingCancel: 3
        case .filled, .cancelled, .rejected, .expired: 4
        }
    }

    private mutating func changed(at time: WallTime) -> Bool {
        version += 1
        updatedAt = time
        return true
    }
}
