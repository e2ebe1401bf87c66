internal import BrokerModel
internal import LongbridgeWire

extension BrokerQueue {
    /// A merged queue, with the names that are known.
    init(_ merger: QueueMerger, symbol: Symbol, names: [Int: String]) {
        func rows(_ side: [Longbridge.Quote.Brokers]) -> [QueueRow] {
            side.map { row in
                QueueRow(
                    position: Int(row.position),
                    brokers: row.brokerIds.map { QueuedBroker(id: Int($0), name: names[Int($0)]) })
            }
        }
        self.init(
            symbol: symbol, bids: rows(merger.bids), asks: rows(merger.asks),
            sequence: merger.sequence == 0 ? nil : merger.sequence)
    }
}

extension Participant {
    /// One member of the exchange.
    init(_ info: Longbridge.Quote.ParticipantInfo) {
        func text(_ value: String) -> String? { BrokerText.of(value) }
        self.init(ids: info.brokerIds.map { Int($0) })
        nameEnglish = text(info.participantNameEn)
        nameSimplifiedChinese = text(info.participantNameCn)
        nameTraditionalChinese = text(info.participantNameHk)
    }

    /// The name in a session's language, or in any other.
    func name(_ language: String) -> String? {
        switch language {
        case "zh-CN": nameSimplifiedChinese ?? nameTraditionalChinese ?? nameEnglish
        case "zh-HK": nameTraditionalChinese ?? nameSimplifiedChinese ?? nameEnglish
        default: nameEnglish ?? nameTraditionalChinese ?? nameSimplifiedChinese
        }
    }
}
