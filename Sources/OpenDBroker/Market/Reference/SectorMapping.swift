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
        type = Instrument.type(info.basic.secType)
    }
}
