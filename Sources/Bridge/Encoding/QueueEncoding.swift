internal import BrokerModel
internal import Bytes

extension JSONWriter {
    /// The members of a broker queue, without braces.
    mutating func members(of queue: BrokerQueue) {
        key("symbol")
        string(queue.symbol.text)
        key("bids")
        rows(queue.bids)
        key("asks")
        rows(queue.asks)
        key("sequence")
        int(queue.sequence)
    }

    private mutating func rows(_ rows: [QueueRow]) {
        beginArray()
        for row in rows {
            beginObject()
            key("position")
            int(row.position)
            key("brokers")
            beginArray()
            for broker in row.brokers {
                beginObject()
                key("id")
                string(String(broker.id))
                key("name")
                string(broker.name)
                endObject()
            }
            endArray()
            endObject()
        }
        endArray()
    }

    /// A member of the exchange.
    mutating func participant(_ participant: Participant) {
        beginObject()
        key("ids")
        beginArray()
        for id in participant.ids { string(String(id)) }
        endArray()
        names(participant.nameEnglish, participant.nameSimplifiedChinese, participant.nameTraditionalChinese)
        endObject()
    }

    /// `names`, by language.
    mutating func names(_ english: String?, _ simplified: String?, _ traditional: String?) {
        key("names")
        beginObject()
        key("en")
        string(english)
        key("zh-CN")
        string(simplified)
        key("zh-HK")
        string(traditional)
        endObject()
    }
}
