internal import BrokerModel
internal import OpenDWire

extension SectorKind {
    /// `PlateSetType`.
    var code: Int32 {
        switch self {
        case .industry: 1
        case .region: 2
        case .concept: 3
        case .other: 4
        }
    }

    /// `nil` for a number that is none of ours.
    init?(code: Int32) {
        guard let kind = SectorKind.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}

extension Sector {
    /// A plate; `nil` for a market that is none of ours. The kind is told only of a security's own plates; elsewhere it
    /// is the one that was asked for.
    init?(_ plate: OpenD.QotCommon.PlateInfo, asked: SectorKind? = nil) {
        guard let id = Symbol(plate.plate) else { return nil }
        self.init(id: id, name: plate.name, kind: plate.plateType.flatMap { SectorKind(code: $0) } ?? asked)
    }
}

extension SectorMember {
    /// A security of a plate; `nil` for a market that is none of ours.
    init?(_ info: OpenD.QotCommon.SecurityStaticInfo) {
        guard let symbol = Symbol(info.basic.security) else { return nil }
        self.init(symbol: symbol)
        name = info.basic.name.isEmpty ? nil : info.basic.name
        lotSize = info.basic.lotSize > 0 ? Int64(info.basic.lotSize) : nil
        type = SecurityKind(code: info.basic.secType)?.rawValue
    }
}

/// The product's words for `SecurityType`.
enum SecurityKind: String, CaseIterable {
    case bond, trust, stock, warrant, index, sector, option, future, forex, crypto
    case basketWarrant = "basket_warrant"

    /// - Source: Futu OpenAPI, "Quote" definitions, `SecurityType`. Trusts are exchange traded funds and their like.
    init?(code: Int32) {
        switch code {
        case 1: self = .bond
        case 2: self = .basketWarrant
        case 3: self = .stock
        case 4: self = .trust
        case 5: self = .warrant
        case 6: self = .index
        case 7, 9: self = .sector
        case 8: self = .option
        case 10: self = .future
        case 11: self = .forex
        case 12: self = .crypto
        default: return nil
        }
    }
}
