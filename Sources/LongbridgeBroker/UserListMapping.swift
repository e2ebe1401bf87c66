internal import BrokerModel
internal import Bytes
internal import Clocks

/// Lists of the vendor's HTTP API in our words. Identifiers come as texts or as numbers, times as text.

private func listText(_ value: JSONValue?) -> String? {
    guard let text = value?.stringValue ?? value?.numberText, text != "--" else { return nil }
    return BrokerText.of(text)
}

private func listTime(_ value: JSONValue?) -> WallTime? {
    listText(value).flatMap { Int64($0) }.flatMap { wallTime($0) }
}

extension SecurityListing {
    /// One entry; `nil` for a security that is none of ours.
    init?(_ entry: JSONValue) {
        guard let symbol = entry["symbol"]?.stringValue.flatMap({ Symbol($0) }) else { return nil }
        self.init(symbol: symbol)
        nameEnglish = listText(entry["name_en"])
        nameSimplifiedChinese = listText(entry["name_cn"])
        nameTraditionalChinese = listText(entry["name_hk"])
    }
}

extension MarketTemperature {
    /// The present figures, or those of a day; `nil` without a temperature. The time has one of two names.
    init?(_ entry: JSONValue) {
        guard let temperature = entry["temperature"]?.intValue else { return nil }
        self.init(
            time: listTime(entry["updated_at"]) ?? listTime(entry["timestamp"]), temperature: Int(temperature),
            valuation: entry["valuation"]?.intValue.map { Int($0) },
            sentiment: entry["sentiment"]?.intValue.map { Int($0) })
        description = listText(entry["description"])
    }
}

extension Watchlist {
    /// One group; securities that are none of ours are left out.
    init?(_ group: JSONValue) {
        guard let id = listText(group["id"]), let name = group["name"]?.stringValue else { return nil }
        self.init(
            id: id, name: name,
            securities: (group["securities"]?.arrayValue ?? []).compactMap { entry in
                guard let symbol = entry["symbol"]?.stringValue.flatMap({ Symbol($0) }) else { return nil }
                var security = WatchedSecurity(symbol: symbol, isPinned: entry["is_pinned"]?.boolValue ?? false)
                security.name = listText(entry["name"])
                security.price = listText(entry["watched_price"]).flatMap { decimal($0) }
                security.since = listTime(entry["watched_at"])
                return security
            })
    }
}

extension AlertCondition {
    /// The vendor's number: its place in the table, from 1.
    var number: Int { (AlertCondition.allCases.firstIndex(of: self) ?? 0) + 1 }

    /// Which member of the values it reads.
    var member: StaticString {
        switch self {
        case .priceAbove, .priceBelow: "price"
        case .risePercent, .fallPercent: "chg"
        }
    }
}

extension AlertFrequency {
    /// The vendor's number: 1 daily, 2 every time, 3 once.
    var number: Int { (AlertFrequency.allCases.firstIndex(of: self) ?? 0) + 1 }
}

extension PriceAlert {
    /// The alerts of one security's entry.
    static func list(_ entry: JSONValue) -> [PriceAlert] {
        guard let symbol = entry["symbol"]?.stringValue.flatMap({ Symbol($0) }) else { return [] }
        return (entry["indicators"]?.arrayValue ?? []).compactMap { item in
            guard let id = listText(item["id"]) else { return nil }
            let condition = listText(item["indicator_id"]).flatMap { number in
                AlertCondition.allCases.first { "\($0.number)" == number }
            }
            let values = item["value_map"]
            let value = listText(
                condition == .risePercent || condition == .fallPercent ? values?["chg"] : values?["price"])
            var alert = PriceAlert(
                id: id, symbol: symbol, condition: condition, value: value.flatMap { decimal($0) },
                frequency: item["frequency"]?.intValue.flatMap { number in
                    AlertFrequency.allCases.first { $0.number == Int(number) }
                }, isEnabled: item["enabled"]?.boolValue ?? true)
            alert.text = listText(item["text"])
            return alert
        }
    }

    /// As the vendor wants it: whole, with the security when it is new and the id when it is not.
    func body(isNew: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        if isNew {
            json.key("symbol")
            json.string(symbol.wire)
        } else {
            json.key("id")
            json.string(id)
        }
        let condition = condition ?? .priceAbove
        json.key("indicator_id")
        json.string("\(condition.number)")
        json.key("value_map")
        json.beginObject()
        json.key(condition.member)
        json.decimal(value)
        json.endObject()
        json.key("frequency")
        json.int((frequency ?? .once).number)
        json.key("enabled")
        json.bool(isEnabled)
        json.key("scope")
        json.int(0)
        json.key("state")
        json.beginArray()
        json.int(1)
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
