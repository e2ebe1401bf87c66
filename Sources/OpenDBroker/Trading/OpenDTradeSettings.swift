public import BrokerModel
internal import Bytes
public import Cryptography

/// A firm of the broker's group, which a real account belongs to.
public enum OpenDFirm: String, Sendable, CaseIterable {
    case futuSecurities = "futu_securities"
    case futuInc = "futu_inc"
    case futuSG = "futu_sg"
    case futuAU = "futu_au"
    case futuCA = "futu_ca"
    case futuMY = "futu_my"
    case futuJP = "futu_jp"

    /// `SecurityFirm`.
    var code: Int32 {
        switch self {
        case .futuSecurities: 1
        case .futuInc: 2
        case .futuSG: 3
        case .futuAU: 4
        case .futuCA: 5
        case .futuMY: 6
        case .futuJP: 7
        }
    }

    /// `nil` for a firm that is not known.
    init?(code: Int32) {
        guard let firm = OpenDFirm.allCases.first(where: { $0.code == code }) else { return nil }
        self = firm
    }
}

/// Which trading account of a login an alias is, and how it is unlocked. What is `nil` does not narrow the choice; more
/// than one account left is an error that names them.
public struct OpenDTradeSettings: Sendable {
    /// What an account is for.
    public enum Category: String, Sendable, CaseIterable {
        case securities, futures
    }

    /// Simulated by the broker, rather than with money.
    public var isPaper: Bool
    /// Securities or futures.
    public var category = Category.securities
    /// The last digits of the account's number, or of its card's; as many as tell it from the others.
    public var number: String?
    /// A market the account must trade. Paper accounts have one each.
    public var market: Market?
    /// The firm that a real account belongs to.
    public var firm: OpenDFirm?
    /// What unlocks a real account's trading; `nil` where that is done by hand, at the gateway.
    public var password: TradePassword?

    /// The only account there is of that kind.
    public init(
        isPaper: Bool = false, number: String? = nil, market: Market? = nil, firm: OpenDFirm? = nil,
        password: TradePassword? = nil
    ) {
        self.isPaper = isPaper
        self.number = number
        self.market = market
        self.firm = firm
        self.password = password
    }
}

/// The trade password as the wire has it: its MD5, 32 lower-case hexadecimal digits. The password itself is not kept.
///
/// - Source: `futu-opend`, section 12, unlocking.
public struct TradePassword: Sendable {
    /// For UnlockTrade alone; whoever has it can unlock.
    let hash: Secret

    /// Tells one password from another.
    var digest: [UInt8] { hash.withBytes { Digest.sha256($0) } }

    /// Of the password as the user types it. `nil` for an empty one.
    public init?(_ password: Secret) {
        guard !password.isEmpty else { return nil }
        hash = password.withBytes { Secret(Hex.encode(Digest.md5($0))) }
    }

    /// Of its MD5 in hexadecimal, in either case. `nil` for anything else.
    public init?(hash: Secret) {
        let text = hash.withBytes { bytes -> String? in
            guard bytes.count == 32, Hex.decode(String(decoding: bytes, as: UTF8.self))?.count == 16 else { return nil }
            return String(decoding: bytes, as: UTF8.self).lowercased()
        }
        guard let text else { return nil }
        self.hash = Secret(text)
    }
}
