public import Bytes
public import Clocks

/// What a company did to its shares.
public enum CorporateActionKind: String, Sendable, CaseIterable {
    /// `base` shares became `shares`, more of them.
    case split
    /// `base` shares became `shares`, fewer of them.
    case reverseSplit = "reverse_split"
    /// For `base` shares came `shares` for nothing.
    case bonus
    /// As bonus, out of reserves (China).
    case transfer
    /// For `base` shares, `shares` could be bought at `price` by holders.
    case rights
    /// For `base` shares, `shares` were issued at `price`.
    case offering
    /// `amount` in cash a share.
    case dividend
    /// `amount` in cash a share, out of the usual order.
    case specialDividend = "special_dividend"
    /// For `base` shares came `shares` of another company.
    case spinOff = "spin_off"
}

/// One of the things that happened on an ex-date. What does not belong to its kind is `nil`.
public struct CorporateAction: Equatable, Sendable {
    /// What it was.
    public var kind: CorporateActionKind
    /// Shares before, or held.
    public var base: DecimalText?
    /// Shares after, or received.
    public var shares: DecimalText?
    /// What one of them cost.
    public var price: DecimalText?
    /// Cash a share.
    public var amount: DecimalText?

    /// Something without figures.
    public init(_ kind: CorporateActionKind) {
        self.kind = kind
    }
}

/// How prices on either side of an ex-date compare: `adjusted = price x factor + offset`.
public struct ExDateAdjustment: Equatable, Sendable {
    /// The first day without the rights.
    public var exDate: CivilDate
    /// What happened.
    public var actions: [CorporateAction]
    /// For prices before the day, to compare with those after it.
    public var forwardFactor: DecimalText
    /// With ``forwardFactor``.
    public var forwardOffset: DecimalText
    /// For prices from the day on, to compare with those before it.
    public var backwardFactor: DecimalText
    /// With ``backwardFactor``.
    public var backwardOffset: DecimalText

    /// An adjustment.
    public init(
        exDate: CivilDate, actions: [CorporateAction], forwardFactor: DecimalText, forwardOffset: DecimalText,
        backwardFactor: DecimalText, backwardOffset: DecimalText
    ) {
        self.exDate = exDate
        self.actions = actions
        self.forwardFactor = forwardFactor
        self.forwardOffset = forwardOffset
        self.backwardFactor = backwardFactor
        self.backwardOffset = backwardOffset
    }
}
